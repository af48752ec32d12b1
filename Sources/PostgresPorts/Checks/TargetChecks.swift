import Engine
import Postgres
import Records

/// The facts that the checks read of the target.
struct TargetFacts: Equatable {
    let user: String
    let serverVersion: Int
    let isYugabyteDB: Bool
    let schemas: FoundSchemas
    let mayBecomeReplica: Bool
    /// The rights on all logged tables of the schemas.
    let rights: [TableRights]
    /// The unlogged tables among the migrated ones.
    let unlogged: [QualifiedName]
    /// The tables that are migrated. Before the start these are all that the lists choose.
    let tables: [Table]
    let filtered: FilteredTables
    /// What the tables lack to be streamed; empty if nothing will be streamed back.
    let lacks: [TableIdentity.Lack]
    /// Another migration whose metadata the target has; nil if there is none.
    let otherMigration: String?
}

extension TargetFacts {
    /// - Parameter migrated: the tables that are or will be migrated; empty if that is unknown
    init(
        _ connection: borrowing PostgresConnection, _ record: MigrationRecord, migrated: [QualifiedName],
        forFallBack: Bool
    ) throws {
        user = connection.user
        serverVersion = connection.serverVersion
        isYugabyteDB = try connection.isYugabyteDB()
        schemas = try FoundSchemas(connection, record)
        mayBecomeReplica = try connection.mayBecomeReplica()
        rights = try connection.tableRights(inSchemas: record.schemas)
        unlogged = try connection.unloggedTables(among: migrated)
        let known = Set(migrated)
        tables = try ChoiceChecks.chosen(connection, record).filter {
            known.isEmpty || known.contains($0.name)
        }
        let usable = schemas.usable(tables)
        filtered = try FilteredTables(connection, usable)
        lacks = forFallBack ? try identityLacks(connection, usable.map(\.name)) : []
        otherMigration = try connection.otherMigration(than: record.uuid)
    }
}

/// The checks of the target's tables.
enum TargetChecks {
    /// - Parameters:
    ///   - excluded: the list of tables to exclude
    ///   - forFallBack: whether the target's changes are streamed from the cutover on
    ///   - hasBegun: whether the export has begun; before it the lists may be those of an import alone
    static func run(_ facts: TargetFacts, excluded: [String], forFallBack: Bool, hasBegun: Bool)
        -> [CheckResult]
    {
        var results = [
            WriteChecks.replicaRole(
                .target, user: facts.user, mayBecomeReplica: facts.mayBecomeReplica,
                others: facts.rights.notOwned(among: facts.tables))
        ]
        results += facts.schemas.unusable(on: .target, by: facts.user)
        results += facts.unlogged.map(unlogged)
        // An import may be started before the export. Then the copy judges the lists.
        if forFallBack || hasBegun {
            results += ChoiceChecks.refusals(
                TableChoice.refusals(of: facts.tables, excluded: excluded), .target)
        }
        results += ChoiceChecks.rowSecurity(.target, facts.filtered)
        if forFallBack {
            results += ReplicationChecks.identities(.target, facts.lacks)
            let roots =
                facts.isYugabyteDB
                ? YugabyteChecks.roots(facts.tables)
                : ReplicationChecks.rootsBefore13(
                    .target, facts.tables, serverVersion: facts.serverVersion)
            if let roots { results.append(roots) }
        }
        if let other = facts.otherMigration {
            results.append(
                CheckResult(
                    side: .target, name: "other migrations", state: .failure, found: other, wanted: "none",
                    remedy: "end that migration first"))
        }
        return results
    }

    private static func unlogged(_ name: QualifiedName) -> CheckResult {
        CheckResult(
            side: .target, name: "unlogged table \(name)", state: .failure,
            found: "a crash of the server empties it, and its changes cannot be streamed back",
            wanted: "a logged table", remedy: "alter table \(name.quoted) set logged",
            fix: CheckFix(
                ["alter table \(name.quoted) set logged"], undo: ["alter table \(name.quoted) set unlogged"]))
    }
}
