import Records
import Testing

/// Relations by index, against a dictionary; a wrong index would count or apply a change to another table.
@Suite struct RelationIndexesTests {
    @Test func `every relation keeps the index it was given, however many come`() {
        // OIDs as servers assign them, and some that collide in the table.
        var relations: [UInt32] = [0, .max]
        for number in UInt32(0)..<6000 { relations.append(16_384 + number * 3) }
        for number in UInt32(1)..<200 { relations.append(number << 16) }
        var indexes = RelationIndexes()
        for (index, relation) in relations.enumerated() {
            #expect(indexes.index(of: relation) == nil)
            #expect(indexes.add(relation) == index)
        }
        for (index, relation) in relations.enumerated() {
            #expect(indexes.index(of: relation) == index)
            #expect(indexes.add(relation) == index)
        }
        #expect(indexes.count == relations.count)
        #expect(indexes.index(of: 1) == nil)
    }
}
