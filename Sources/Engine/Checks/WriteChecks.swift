import Postgres
import Records

/// What the rows that a stream brings would meet on the database that is written to.
enum WriteChecks {
    static func run(_ side: Side, _ connection: borrowing PostgresConnection, tables: [QualifiedName]) throws
        -> [CheckResult]
    {
        let found = try connection.alwaysTriggers(on: tables)
        guard !found.isEmpty else { return [] }
        return [
            CheckResult(
                side: side, name: "triggers that fire for replicated rows", state: .warning,
                found: found.map(\.words).joined(separator: ", "),
                wanted: "none: what they do comes with the stream, too, and would be done twice",
                remedy: found.map(\.remedy).joined(separator: "; "))
        ]
    }
}
