import Postgres
import Records
import Testing

@testable import Engine

/// The choice of the sequences that a cutover carries over, their matches, and the values that they get.
@Suite struct SequenceRulesTests {
    private static func name(_ name: String) -> QualifiedName { QualifiedName(schema: "public", name: name) }
    private static let id = SequenceColumn(table: name("item"), name: "id")
    private static let number = SequenceColumn(table: name("bill"), name: "number")

    private func sequence(
        _ name: String, by increment: Int64 = 1, to maximum: Int64 = .max, cycles: Bool = false,
        gives columns: [SequenceColumn] = [], ownedBy owners: [SequenceColumn] = [], isUsed: Bool? = nil
    ) -> SequenceDefinition {
        SequenceDefinition(
            name: Self.name(name), increment: increment,
            minimum: increment > 0 ? 1 : .min, maximum: increment > 0 ? maximum : -1, cycles: cycles,
            generates: columns, owners: owners, isUsed: isUsed)
    }

    private func value(_ last: Int64, _ isCalled: Bool = true, of definition: SequenceDefinition)
        -> SequenceValue
    {
        SequenceValue(
            name: definition.name, lastValue: last, isCalled: isCalled, definition: definition)
    }

    @Test
    func `sequences of other tables are not carried over, and those of no table only with whole schemas`() {
        let found = [
            sequence("a", gives: [Self.id]), sequence("b", isUsed: true), sequence("c"),
            sequence("d", ownedBy: [Self.id]),
        ]
        let whole = SequenceChoice(found, tablesAreNamed: false)
        #expect(whole.carried.map(\.name.name) == ["a", "c", "d"])
        #expect(whole.left.map(\.name) == ["b"])
        let named = SequenceChoice(found, tablesAreNamed: true)
        #expect(named.carried.map(\.name.name) == ["a", "d"])
        #expect(named.left.map(\.name) == ["b", "c"])
    }

    @Test func `the column decides which sequences match, whatever their names are`() {
        let matching = SequenceMatching(
            origin: [sequence("old_seq", gives: [Self.id]), sequence("item_id_seq", gives: [Self.number])],
            destination: [
                sequence("item_id_seq", gives: [Self.id]), sequence("bill_number_seq", gives: [Self.number]),
            ])
        #expect(
            matching.pairs.map { "\($0.origins[0].name)>\($0.destination.name.name)" } == [
                "old_seq>item_id_seq", "item_id_seq>bill_number_seq",
            ])
        #expect(matching.unmatched == [] && matching.onlyThere == [])
    }

    @Test func `one sequence may match several, and several may match one`() {
        let one = sequence("one", gives: [Self.id, Self.number])
        let two = [sequence("x", gives: [Self.id]), sequence("y", gives: [Self.number])]
        let split = SequenceMatching(origin: [one], destination: two)
        #expect(split.pairs.map(\.origins) == [[one.name], [one.name]])
        let joined = SequenceMatching(origin: two, destination: [one])
        #expect(joined.pairs.map(\.origins) == [two.map(\.name)])
        #expect(split.unmatched == [] && joined.unmatched == [])
    }

    @Test func `a column without a sequence there is named, and a sequence that only the destination has`() {
        let matching = SequenceMatching(
            origin: [sequence("a", gives: [Self.id]), sequence("free")],
            destination: [sequence("b", gives: [Self.number])])
        #expect(
            matching.unmatched == [
                .init(sequence: Self.name("a"), column: Self.id, generates: true),
                .init(sequence: Self.name("free"), column: nil, generates: false),
            ])
        #expect(matching.onlyThere.map(\.name.name) == ["b"])
    }

    @Test func `a default that the catalog cannot follow is matched by the name`() {
        let matching = SequenceMatching(
            origin: [sequence("a", gives: [Self.id])], destination: [sequence("a", isUsed: false)])
        #expect(matching.unmatched == [] && matching.pairs.count == 1)
        // A sequence that serves another column is no match.
        let taken = SequenceMatching(
            origin: [sequence("a", gives: [Self.id])], destination: [sequence("a", gives: [Self.number])])
        #expect(taken.unmatched.count == 1 && taken.pairs == [])
    }

    @Test func `a sequence goes forward and never back`() {
        let here = sequence("here", gives: [Self.id])
        let there = sequence("there", gives: [Self.id])
        let forward = SequenceSetting([value(500, of: there)], at: value(1, false, of: here))
        #expect(forward == .set(value(500, of: here), goesBack: false))
        #expect(SequenceSetting([value(10, of: there)], at: value(500, of: here)) == .keep(isFurther: true))
        #expect(SequenceSetting([value(10, of: there)], at: value(10, of: here)) == .keep(isFurther: false))
        #expect(
            SequenceSetting([value(10, of: there)], at: value(10, false, of: here))
                == .set(value(10, of: here), goesBack: false))
        // The furthest of several values counts.
        #expect(
            SequenceSetting([value(10, of: there), value(70, of: there)], at: value(5, of: here))
                == .set(value(70, of: here), goesBack: false))
    }

    @Test func `a sequence that counts down is set to a lower value`() {
        let down = sequence("down", by: -1)
        #expect(
            SequenceSetting([value(-50, of: down)], at: value(-1, false, of: down))
                == .set(value(-50, of: down), goesBack: false))
        #expect(SequenceSetting([value(-5, of: down)], at: value(-50, of: down)) == .keep(isFurther: true))
        let up = sequence("up")
        guard case .refused = SequenceSetting([value(-5, of: down)], at: value(1, of: up)) else {
            Issue.record("they count in different directions")
            return
        }
    }

    @Test
    func `a sequence that cycles is set to the origin's value, even to a lower one, and that is reported`() {
        let ring = sequence("ring", to: 100, cycles: true)
        #expect(
            SequenceSetting([value(3, of: ring)], at: value(98, of: ring))
                == .set(value(3, of: ring), goesBack: true))
        #expect(SequenceSetting([value(3, of: ring)], at: value(3, of: ring)) == .keep(isFurther: false))
    }

    @Test func `a value beyond the bounds of the other side is refused`() {
        let small = sequence("small", to: 2_147_483_647, gives: [Self.id])
        let large = sequence("large", gives: [Self.id])
        let found = SequenceSetting([value(3_000_000_000, of: large)], at: value(1, of: small))
        guard case .refused(let cause, let remedy) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(cause.contains("2147483647") && cause.contains("3000000000"))
        #expect(remedy.hasPrefix("alter sequence \"public\".\"small\" as bigint maxvalue"))
    }
}
