import Testing

@testable import Postgres

/// Relations by place, against a dictionary; a wrong place would count or apply a change to another table.
@Suite struct RelationPlacesTests {
    @Test func `every relation keeps the place it was given, however many come`() {
        // Numbers as servers give them, and such as fall on one slot.
        var relations: [UInt32] = [0, .max]
        for number in UInt32(0)..<6000 { relations.append(16_384 + number * 3) }
        for number in UInt32(1)..<200 { relations.append(number << 16) }
        var places = RelationPlaces()
        for (place, relation) in relations.enumerated() {
            #expect(places.place(of: relation) == nil)
            #expect(places.add(relation) == place)
        }
        for (place, relation) in relations.enumerated() {
            #expect(places.place(of: relation) == place)
            #expect(places.add(relation) == place)
        }
        #expect(places.count == relations.count)
        #expect(places.place(of: 1) == nil)
    }
}
