import Records

/// The tables that the operator's lists choose, and the refusals of list entries and partitions.
package struct TableChoice: Sendable, Equatable {
    /// The reason why an entry of a list, or a partition, is refused.
    package struct Refusal: Sendable, Equatable {
        /// The entry of a list, or the partition.
        package let subject: String
        package let found: String
        package let remedy: String
    }

    /// The chosen tables, in name order.
    package let tables: [Table]
    /// Partitions without a stream that the operator excludes, in name order.
    package let leftOut: [QualifiedName]
    /// Tables that could be migrated and are not chosen, in name order.
    package let leftOutTables: [QualifiedName]
    /// Refusals of entries that name nothing, or nothing that can be migrated.
    package let listRefusals: [Refusal]
    /// Refusals of partitions without a stream that are not excluded: rows written to them after the copy
    /// would be lost.
    package let partRefusals: [Refusal]

    /// - Parameters:
    ///   - found: the tables of the schemas that can be migrated
    ///   - others: the other relations of the schemas
    ///   - globs: the table list; empty for all
    ///   - excluded: the list of tables to exclude
    package init(_ found: [Table], others: [OtherRelation], globs: [String], excluded: [String]) {
        let chosen = SnapshotPlan.choose(found, globs: globs, excluded: excluded)
        tables = chosen
        let parts = chosen.flatMap(\.unstreamedParts)
        leftOut = parts.map(\.name).filter { Self.isNamed($0, by: excluded) }.sorted()
        let names = Set(chosen.map(\.name))
        leftOutTables = found.map(\.name).filter { !names.contains($0) }.sorted()
        partRefusals = Self.refusals(of: chosen, excluded: excluded)
        let all = found.map(\.name)
        let entries = Array(Set(globs)).sorted().compactMap {
            Self.refusal(of: $0, tables: all, others: others)
        }
        let exclusions = Array(Set(excluded)).sorted().flatMap {
            Self.refusals(ofExclusion: $0, found: all, chosen: chosen, others: others)
        }
        listRefusals = entries + exclusions
    }

    /// Returns the refusals as one error; nil if there are none.
    package static func error(_ refusals: [Refusal], on side: Side) -> RequestRefused? {
        guard !refusals.isEmpty else { return nil }
        return RequestRefused(
            refusals.map { "\($0.subject) on the \(side.rawValue): \($0.found); \($0.remedy)" }.joined(
                separator: "\n"))
    }

    /// Returns the refusals of partitions that no stream carries and that the operator does not exclude.
    package static func refusals(of tables: [Table], excluded: [String]) -> [Refusal] {
        tables.flatMap { table in
            table.unstreamedParts.filter { !isNamed($0.name, by: excluded) }.map { part in
                Refusal(
                    subject: "partition \(part.name) of \(table.name)",
                    found: "it is \(part.kind.words), so that no stream carries what is written to it",
                    remedy: UnstreamedPartition.remedy([part])
                        + ", or leave it out with --exclude-table-list \(part.name)")
            }
        }
    }

    // MARK: Entries of the lists

    private static func isNamed(_ name: QualifiedName, by globs: [String]) -> Bool {
        globs.contains { SnapshotPlan.matches($0, name) }
    }

    private static func isPattern(_ glob: String) -> Bool { glob.contains("*") || glob.contains("?") }

    /// Relations named in one refusal.
    private static let namesMax = 3

    private static func refusal(of glob: String, tables: [QualifiedName], others: [OtherRelation]) -> Refusal?
    {
        guard !tables.contains(where: { SnapshotPlan.matches(glob, $0) }) else { return nil }
        let named = others.filter { SnapshotPlan.matches(glob, $0.name) }
        guard !named.isEmpty else { return nothing(glob, in: "--table-list") }
        return Refusal(
            subject: "\(glob) in --table-list",
            found: "it names no table that can be migrated: "
                + named.prefix(namesMax).map { "\($0.name) is \(words($0.kind))" }.joined(separator: ", ")
                + (named.count > namesMax ? ", and \(named.count - namesMax) more" : ""),
            remedy: named.prefix(namesMax).map(remedy).joined(separator: "; "))
    }

    private static func refusals(
        ofExclusion glob: String, found: [QualifiedName], chosen: [Table], others: [OtherRelation]
    ) -> [Refusal] {
        // A pattern may be meant for later tables, or for roots only.
        guard !isPattern(glob), !found.contains(where: { SnapshotPlan.matches(glob, $0) }) else { return [] }
        let named = others.filter { SnapshotPlan.matches(glob, $0.name) }
        let leaves = chosen.flatMap { table in table.leaves.map { (table, $0) } }
        let logged = leaves.filter { $0.0.isPartitioned && SnapshotPlan.matches(glob, $0.1) }
        if let (table, leaf) = logged.first {
            return [
                Refusal(
                    subject: "\(glob) in --exclude-table-list",
                    found:
                        "\(leaf) is a logged partition of \(table.name), which is migrated with all of them",
                    remedy: "take it off the list, or leave the whole table out")
            ]
        }
        let isNamed =
            !named.isEmpty || leaves.contains { SnapshotPlan.matches(glob, $0.1) }
            || chosen.flatMap(\.unstreamedParts).contains { SnapshotPlan.matches(glob, $0.name) }
        return isNamed ? [] : [nothing(glob, in: "--exclude-table-list")]
    }

    private static func nothing(_ glob: String, in flag: String) -> Refusal {
        Refusal(
            subject: "\(glob) in \(flag)", found: "it names nothing in the schemas to migrate",
            remedy: "write the name as the catalog spells it, or add its schema to --source-db-schema")
    }

    private static func words(_ kind: OtherRelation.Kind) -> String {
        switch kind {
        case .unlogged: "an unlogged table"
        case .foreign: "a foreign table"
        case .extension: "a table of an extension"
        case .partition(let root): "a partition of \(root)"
        case .view: "a view"
        case .materializedView: "a materialized view"
        case .sequence: "a sequence"
        }
    }

    private static func remedy(_ relation: OtherRelation) -> String {
        switch relation.kind {
        case .unlogged: "alter table \(relation.name.quoted) set logged, or take it off the list"
        case .foreign, .extension, .view, .materializedView, .sequence:
            "take \(relation.name) off the list"
        case .partition(let root): "name \(root) in its place"
        }
    }
}

extension TableChoice {
    /// Makes the choice of a migration among the relations of one database.
    package init(_ facts: TableFacts, _ record: MigrationRecord) {
        self.init(
            facts.tables, others: facts.others, globs: record.tableGlobs, excluded: record.excludedTableGlobs)
    }
}
