import Engine
import Records

extension FakeMigration {
    /// The plan of a cutover: statements, one of them for several objects, sentences and what is not known.
    static func cutoverPlan(_ options: CutoverOptions) -> [PlanLine] {
        let (origin, destination) = (options.to.other, options.to)
        func title(_ step: CutoverStep) -> String { step.title(options.ends) }
        let checksums = PlannedStatement(
            .step(.checksumOrigin),
            ["customer", "item"].map { "select count(*) from only \"public\".\"\($0)\" t" },
            count: "2 tables", undo: .reads)
        let writers = PlannedStatement(
            .step(.quiesce),
            ["-- The writers of tables.\n-- $1: our names\nselect pid\n  from pg_catalog.pg_stat_activity"],
            count: "until it lists nobody", undo: .reads, parameters: "$1 = our own names")
        let fence = PlannedStatement(
            .step(.fence), ["alter database \"orders\" set default_transaction_read_only to on"],
            undo: .statements(["alter database \"orders\" reset default_transaction_read_only"]))
        let slot = PlannedStatement(
            .step(.fallBackSlot),
            [
                "create publication \"switchback_2\" for table only \"public\".\"customer\", only "
                    + "\"public\".\"item\" with (publish_via_partition_root = true)"
            ],
            count: "2 tables", undo: .statements(["drop publication if exists \"switchback_2\""]))
        return [
            .sentence(
                origin, title(.readFacts), undo: "nothing: it only reads, or waits", step: title(.readFacts)),
            PlanLine(origin, fence, step: title(.fence)), PlanLine(origin, writers, step: title(.quiesce)),
            .unread(destination, title(.setSequences), reason: "nobody has read them"),
            PlanLine(origin, checksums, step: title(.checksumOrigin)),
        ]
            + (options.continues ? [PlanLine(destination, slot, step: title(.fallBackSlot))] : [])
            + [.sentence(destination, title(.release), undo: nil, step: title(.release))]
    }
}
