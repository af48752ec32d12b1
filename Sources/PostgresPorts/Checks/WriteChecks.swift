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

    /// Checks the right to write as a replica: ordinary triggers and foreign keys must not fire for
    /// replicated rows.
    static func replicaRole(_ side: Side, user: String, mayBecomeReplica: Bool) -> CheckResult {
        CheckResult(
            side: side, name: "right to set session_replication_role",
            state: mayBecomeReplica ? .ok : .failure, found: mayBecomeReplica ? "granted" : "missing",
            wanted: mayBecomeReplica ? "" : "SET",
            remedy: mayBecomeReplica
                ? "" : "grant set on parameter session_replication_role to \(quoteIdentifier(user))",
            fix: CheckFix(
                ["grant set on parameter session_replication_role to \(quoteIdentifier(user))"],
                undo: ["revoke set on parameter session_replication_role from \(quoteIdentifier(user))"]))
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
