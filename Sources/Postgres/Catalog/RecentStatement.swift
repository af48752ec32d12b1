import Records

/// The last statement of a session, as the server shows it. Its text may have values of rows, so it is never
/// shown.
package struct RecentStatement: Sendable {
    package let processID: String
    package let user: String
    package let application: String
    package let sessionStart: String?
    package let state: String?
    package let beganAt: Double
    package let text: String
}

extension PostgresConnection {
    /// Lists the last statements of the sessions of others that began after a time or still run.
    package func recentStatements(since: Double) throws(PostgresError) -> [RecentStatement] {
        try query(
            file: PackageResources.list_recent_statements_sql, [Self.applicationPrefix, String(since)],
            doing: "read the statements of the sessions"
        ).rows.map { row in
            RecentStatement(
                processID: row[0] ?? "", user: row[1] ?? "", application: row[2] ?? "", sessionStart: row[3],
                state: row[4], beganAt: row[5].flatMap { Double($0) } ?? 0, text: row[6] ?? "")
        }
    }

    /// Returns the number of rows that were ever written to each of these tables.
    package func writtenRows(of tables: [QualifiedName]) throws(PostgresError) -> [QualifiedName: Int64] {
        let rows = try query(
            file: PackageResources.list_written_rows_sql, [Self.textArray(tables.map(\.quoted))],
            doing: "read how much was written"
        ).rows
        return Dictionary(
            rows.map {
                (QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? ""), $0[2].flatMap { Int64($0) } ?? 0)
            }, uniquingKeysWith: { first, _ in first })
    }
}
