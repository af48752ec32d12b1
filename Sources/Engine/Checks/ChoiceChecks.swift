import Postgres
import Records

/// What of the table lists, and of the chosen tables' partitions and policies, stands in the way.
extension DatabaseChecks {
    static func refused(_ refusals: [TableChoice.Refusal], _ side: Side) -> [CheckResult] {
        refusals.map { refusal in
            CheckResult(
                side: side, name: refusal.subject, state: .failure, found: refusal.found, wanted: "",
                remedy: refusal.remedy)
        }
    }

    /// What the migration does not carry, a warning a kind. A server that refuses the question fails no check.
    static func notCarried(
        _ source: borrowing PostgresConnection, _ record: MigrationRecord, _ choice: TableChoice
    ) throws(PostgresError) -> [CheckResult] {
        do {
            return try NotCarried.read(source, record, choice).map { finding in
                CheckResult(
                    side: .source, name: "not carried: \(finding.title)", state: .warning,
                    found: "\(finding.list): \(finding.missing)", remedy: finding.remedy)
            }
        } catch {
            guard error.kind == .server, !error.isConnectionLoss else { throw error }
            return [
                CheckResult(
                    side: .source, name: "not carried", state: .warning, found: "could not be read: \(error)",
                    remedy: "see docs/guarantees.md for what no migration carries")
            ]
        }
    }

    /// Rows that a policy hides would be neither copied nor compared.
    static func rowSecurity(_ side: Side, _ connection: borrowing PostgresConnection, _ tables: [Table])
        throws
        -> [CheckResult]
    {
        let filtered = try FilteredTables(connection, tables)
        guard !filtered.names.isEmpty else { return [] }
        return [
            CheckResult(
                side: side, name: "row-level security", state: .failure,
                found: "it hides rows of \(filtered.names.listed(max: 5)) from \(filtered.user)",
                wanted: "a role that sees all rows", remedy: filtered.remedy)
        ]
    }

    /// Tables of the migration that a server would empty after a crash, and would not stream back.
    static func unloggedTables(
        _ side: Side, _ connection: borrowing PostgresConnection, among names: [QualifiedName]
    ) throws -> [CheckResult] {
        try TargetTables.unloggedTables(connection, among: names).map { name in
            CheckResult(
                side: side, name: "unlogged table \(name)", state: .failure,
                found: "a crash of the server empties it, and its changes cannot be streamed back",
                wanted: "a logged table", remedy: "alter table \(name.quoted) set logged")
        }
    }
}
