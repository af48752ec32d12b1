import Engine
import Postgres
import Records

/// The facts that the checks read of the source.
struct SourceFacts: Equatable {
    let user: String
    let serverVersion: Int
    let schemas: FoundSchemas
    let choice: TableChoice
    /// What the chosen tables lack to be streamed.
    let lacks: [TableIdentity.Lack]
    let filtered: FilteredTables
    /// The rights on all logged tables of the schemas.
    let rights: [TableRights]
    /// Whether the role may write as a replica; nil if nothing will be streamed back.
    let mayBecomeReplica: Bool?
    let notCarried: NotCarriedAnswer
}

extension SourceFacts {
    init(_ connection: borrowing PostgresConnection, _ record: MigrationRecord, forFallBack: Bool) throws {
        user = connection.user
        serverVersion = connection.serverVersion
        schemas = try FoundSchemas(connection, record)
        choice = try TableChoice(connection, record)
        let tables = schemas.usable(choice.tables)
        lacks = try identityLacks(connection, tables.map(\.name))
        filtered = try FilteredTables(connection, tables)
        rights = try connection.tableRights(inSchemas: record.schemas)
        mayBecomeReplica = forFallBack ? try connection.mayBecomeReplica() : nil
        notCarried = try NotCarriedAnswer(choice) {
            try connection.uncarriedObjects(of: tables.map(\.name), record)
        }
    }
}

/// The checks of what can be migrated from the source, and by this role.
enum SourceChecks {
    /// - Parameter judgesLists: whether the table lists can still be changed, because the migration has not
    ///   begun
    static func run(_ facts: SourceFacts, judgesLists: Bool) -> [CheckResult] {
        let choice = facts.choice
        var results = facts.schemas.missing(on: .source)
        // A missing schema is reason enough for there being no table.
        if results.isEmpty || !choice.tables.isEmpty { results.append(tables(choice.tables)) }
        results += facts.schemas.unusable(on: .source, by: facts.user)
        if let refused = ReplicationChecks.rootsBefore13(
            .source, choice.tables, serverVersion: facts.serverVersion)
        {
            results.append(refused)
        }
        results += ChoiceChecks.refusals(
            (judgesLists ? choice.listRefusals : []) + choice.partRefusals, .source)
        results += ReplicationChecks.identities(.source, facts.lacks)
        results += ChoiceChecks.rowSecurity(.source, facts.filtered)
        results += rights(facts)
        if let mayBecomeReplica = facts.mayBecomeReplica {
            results.append(
                WriteChecks.replicaRole(
                    .source, user: facts.user, mayBecomeReplica: mayBecomeReplica,
                    others: facts.rights.notOwned(among: choice.tables)))
        }
        return results + ChoiceChecks.notCarried(facts.notCarried)
    }

    private static func tables(_ tables: [Table]) -> CheckResult {
        CheckResult(
            side: .source, name: "tables", state: tables.isEmpty ? .failure : .ok, found: "\(tables.count)",
            wanted: tables.isEmpty ? "at least one" : "", remedy: tables.isEmpty ? "name other schemas" : "")
    }

    private static func rights(_ facts: SourceFacts) -> [CheckResult] {
        let user = quoteIdentifier(facts.user)
        let published = Set(facts.choice.tables.map(\.name))
        // A partition is read by its own name, under rights of its own.
        let read = published.union(facts.choice.tables.flatMap(\.leaves))
        return facts.rights.filter { read.contains($0.table) }.flatMap { right in
            var results: [CheckResult] = []
            if !right.mayRead {
                results.append(
                    CheckResult(
                        side: .source, name: "right to read \(right.table)", state: .failure,
                        found: "missing", wanted: "SELECT",
                        remedy: "grant select on \(right.table.quoted) to \(user)",
                        fix: CheckFix(
                            ["grant select on \(right.table.quoted) to \(user)"],
                            undo: ["revoke select on \(right.table.quoted) from \(user)"])))
            }
            if !right.isOwner, published.contains(right.table) {
                results.append(
                    CheckResult(
                        side: .source, name: "ownership of \(right.table)", state: .failure,
                        found: "another role's", wanted: "the owner's role, to publish it",
                        remedy: "grant \(quoteIdentifier(right.owner)) to \(user), the owner's role",
                        fix: CheckFix(
                            ["grant \(quoteIdentifier(right.owner)) to \(user)"],
                            undo: ["revoke \(quoteIdentifier(right.owner)) from \(user)"])))
            }
            return results
        }
    }
}
