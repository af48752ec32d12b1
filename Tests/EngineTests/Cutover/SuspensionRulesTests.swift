import Postgres
import Records
import Testing

@testable import Engine

/// When triggers and foreign keys may be off, and the steps that bring a foreign key back.
@Suite struct SuspensionRulesTests {
    private func record(cutoverTo side: Side?) throws -> MigrationRecord {
        var record = try MigrationRecord.example(in: .streaming)
        record.legs = [Leg(number: 1, direction: .forward, start: .snapshot, uuid: record.uuid)]
        guard let side else { return record }
        record.cutovers.append(Cutover.example(CutoverOptions(to: side)))
        return record
    }

    @Test func `only the side that a leg writes is turned off while changes stream`() throws {
        let record = try record(cutoverTo: nil)
        #expect(record.allowsSuspension(of: .target) && !record.allowsSuspension(of: .source))
    }

    @Test func `a cutover turns the origin off by its step alone, and the destination on for good`() throws {
        var record = try record(cutoverTo: .target)
        #expect(record.allowsSuspension(of: .target) && !record.allowsSuspension(of: .source))
        record.cutovers[0].set(.suspendOrigin, .running, now: 2)
        #expect(record.allowsSuspension(of: .target) && record.allowsSuspension(of: .source))
        record.cutovers[0].set(.restoreDestination, .running, now: 3)
        #expect(!record.allowsSuspension(of: .target) && record.allowsSuspension(of: .source))
        record.cutovers[0].set(.restoreDestination, .done, now: 4)
        #expect(!record.allowsSuspension(of: .target))
        record.cutovers[0].abortReason = "asked"
        #expect(record.allowsSuspension(of: .target) && !record.allowsSuspension(of: .source))
    }

    @Test func `foreign keys are validated on the side that the application has, outside of cutovers`() throws
    {
        var record = try record(cutoverTo: nil)
        for side in Side.allCases {
            record.changes.append(
                RecordedChange(
                    side: side, kind: .unfinishedForeignKey(table: "public.t", name: "k"), undo: "u",
                    madeAt: 1))
        }
        #expect(record.mayFinishForeignKeys(of: .source) && !record.mayFinishForeignKeys(of: .target))
        record.cutovers.append(Cutover.example(CutoverOptions(to: .target)))
        #expect(!record.mayFinishForeignKeys(of: .source))
    }

    private func key(_ parts: [ForeignKey.Part], refersToPartitioned: Bool = false) -> ForeignKey {
        ForeignKey(
            parts: parts, referenced: "public.p", refersToPartitioned: refersToPartitioned, mayAlter: true,
            isOfTables: true)
    }

    private func part(_ table: QualifiedName, validated: Bool = true, partitioned: Bool = false)
        -> ForeignKey.Part
    {
        ForeignKey.Part(
            table: table, name: "k", definition: "FOREIGN KEY (a) REFERENCES public.p(a)",
            isValidated: validated, isPartitioned: partitioned, comment: nil)
    }

    /// The steps in the order in which they are performed.
    private func words(_ key: ForeignKey) -> [String] {
        key.restoration.reversed().map { step in
            switch step {
            case .enforce(let part, let statement):
                "enforce \(part.table.name)\(statement.contains("not valid") ? ", not valid" : "")"
            case .finish(let part, let statement):
                "\(statement.contains("validate") ? "validate" : "add") \(part.table.name)"
            }
        }
    }

    @Test func `a foreign key comes back not valid and is validated, unless it was not valid before`() {
        #expect(words(key([part("public.t")])) == ["enforce t, not valid", "validate t"])
        #expect(words(key([part("public.t", validated: false)])) == ["enforce t, not valid"])
    }

    @Test func `partitions get their keys first, and the root adopts them when they are validated`() {
        let parts = [
            part("public.t", partitioned: true), part("public.t1", partitioned: true), part("public.t2"),
            part("public.t11"),
        ]
        #expect(
            words(key(parts)) == [
                "enforce t11, not valid", "enforce t2, not valid", "validate t11", "validate t2", "add t1",
                "add t",
            ])
        #expect(words(key(parts, refersToPartitioned: true)) == ["enforce t"])
    }
}
