import Engine
import Postgres
import Records

/// The facts that the checks read of a database that is written to.
struct WriteFacts: Equatable {
    let user: String
    /// Whether the role sees other roles' sessions.
    let seesSessions: Bool
    /// The sequences that the role may not set, quoted; nil if it may set all.
    let sequencesNotSettable: String?
    let alwaysTriggers: [AlwaysTrigger]
}

extension WriteFacts {
    init(_ connection: borrowing PostgresConnection, _ record: MigrationRecord) throws {
        let schemas = try FoundSchemas(connection, record)
        let tables = schemas.usable(try ChoiceChecks.chosen(connection, record)).map(\.name)
        user = connection.user
        seesSessions = try connection.seesSessions()
        let choice = SequenceChoice(
            try connection.sequences(ofTables: tables, inSchemas: record.schemas),
            tablesAreNamed: !record.tableGlobs.isEmpty)
        sequencesNotSettable = try connection.sequencesNotSettable(choice.carried.map(\.name))
        alwaysTriggers = try connection.alwaysTriggers(on: tables)
    }
}

/// The checks of a database that is written to: what the rows of a stream would meet, and what a cutover
/// needs there.
enum WriteChecks {
    static func run(_ side: Side, _ facts: WriteFacts) -> [CheckResult] {
        let user = quoteIdentifier(facts.user)
        var results: [CheckResult] = []
        if !facts.seesSessions {
            results.append(
                CheckResult(
                    side: side, name: "right to see other sessions", state: .warning, found: "missing",
                    wanted: "pg_read_all_stats, to name the sessions that write during a cutover",
                    remedy: "grant pg_read_all_stats to \(user)",
                    fix: CheckFix(
                        ["grant pg_read_all_stats to \(user)"],
                        undo: ["revoke pg_read_all_stats from \(user)"])))
        }
        if let names = facts.sequencesNotSettable {
            results.append(
                CheckResult(
                    side: side, name: "right to set sequences", state: .failure,
                    found: "missing for \(names)", wanted: "UPDATE, to carry them over at a cutover",
                    remedy: "grant update on sequence \(names) to \(user)",
                    fix: CheckFix(
                        ["grant update on sequence \(names) to \(user)"],
                        undo: ["revoke update on sequence \(names) from \(user)"])))
        }
        if !facts.alwaysTriggers.isEmpty {
            results.append(
                CheckResult(
                    side: side, name: "triggers that fire for replicated rows", state: .warning,
                    found: facts.alwaysTriggers.map(\.words).joined(separator: ", "),
                    wanted: "none: what they do also comes with the stream, and would be done twice",
                    remedy: facts.alwaysTriggers.map(\.remedy).joined(separator: "; "),
                    fix: CheckFix(
                        facts.alwaysTriggers.map(\.remedy), undo: facts.alwaysTriggers.map(\.undo))))
        }
        return results
    }

    /// Checks the right to keep triggers and foreign keys from firing for replicated rows: as a replica, or
    /// as the tables' owner, who may turn them off.
    ///
    /// - Parameter others: the tables that the role does not own
    static func replicaRole(
        _ side: Side, user: String, mayBecomeReplica: Bool, others: [QualifiedName]
    ) -> CheckResult {
        let name = "right to set session_replication_role"
        guard !mayBecomeReplica else {
            return CheckResult(side: side, name: name, state: .ok, found: "granted")
        }
        guard !others.isEmpty else {
            return CheckResult(
                side: side, name: name, state: .ok,
                found: "missing; the owner turns triggers and foreign keys off while rows are written")
        }
        let user = quoteIdentifier(user)
        return CheckResult(
            side: side, name: name, state: .failure, found: "missing",
            wanted: "SET, or the owner's role of \(others.listed(max: 5))",
            remedy:
                "grant set on parameter session_replication_role to \(user), or grant the owner's role to "
                + "\(user)",
            fix: CheckFix(
                ["grant set on parameter session_replication_role to \(user)"],
                undo: ["revoke set on parameter session_replication_role from \(user)"]))
    }
}

extension PostgresConnection {
    /// Tries to make this session one of a replica, and returns whether the role may do that.
    func mayBecomeReplica() throws -> Bool {
        do { try becomeReplica() } catch {
            // Insufficient privilege.
            guard error.sqlState == "42501" else { throw error }
            return false
        }
        return true
    }
}

extension [TableRights] {
    /// Returns those of the tables whose owner's rights the role lacks, in their order.
    func notOwned(among tables: [Table]) -> [QualifiedName] {
        let owned = Set(filter(\.isOwner).map(\.table))
        return tables.map(\.name).filter { !owned.contains($0) }
    }
}
