import Records

/// A change that was set aside, as the destination keeps it until the export directory has it too.
package struct StashedChange: Sendable, Equatable {
    package let commitLSN: LSN
    /// Its number among the changes of its transaction, from 1 on.
    package let change: Int
    package let incidentJSON: String
    package let statementSQL: String

    package init(commitLSN: LSN, change: Int, incidentJSON: String, statementSQL: String) {
        self.commitLSN = commitLSN
        self.change = change
        self.incidentJSON = incidentJSON
        self.statementSQL = statementSQL
    }
}

/// The table `ybvoyager_metadata.switchback_incidents` on the database that is written to.
extension PostgresConnection {
    /// Queues the row of a change that is set aside, into the open transaction.
    package func queueStash(migration uuid: String, leg: Int, _ row: StashedChange) throws(PostgresError) {
        try queue(
            sql: String(decoding: PackageResources.stash_change_sql, as: UTF8.self),
            [
                uuid, String(leg), number(row.commitLSN), String(row.change), row.incidentJSON,
                row.statementSQL,
            ])
    }

    /// The oldest changes set aside that were not carried to the export directory yet.
    package func stashedChanges(migration uuid: String, leg: Int, limit: Int) throws(PostgresError)
        -> [StashedChange]
    {
        try query(
            file: PackageResources.list_stashed_sql, [uuid, String(leg), String(limit)],
            doing: "read the changes that were set aside"
        ).rows.map { row in
            StashedChange(
                commitLSN: LSN(bytes: UInt64(bitPattern: row[0].flatMap { Int64($0) } ?? 0)),
                change: row[1].flatMap { Int($0) } ?? 0, incidentJSON: row[2] ?? "",
                statementSQL: row[3] ?? "")
        }
    }

    package func markCarried(migration uuid: String, leg: Int, _ rows: [StashedChange]) throws(PostgresError) {
        _ = try query(
            file: PackageResources.mark_carried_sql,
            [
                uuid, String(leg), Self.textArray(rows.map { number($0.commitLSN) }),
                Self.textArray(rows.map { String($0.change) }),
            ],
            doing: "note the changes that were set aside as carried")
    }

    /// How many changes of a leg were set aside here, carried or not.
    package func stashedCount(migration uuid: String, leg: Int) throws(PostgresError) -> Int {
        let result = try query(
            "select count(*) from ybvoyager_metadata.switchback_incidents where migration_uuid = $1 and leg = $2",
            [uuid, String(leg)], doing: "count the changes that were set aside")
        return result.scalar.flatMap { Int($0) } ?? 0
    }

    private func number(_ lsn: LSN) -> String { String(Int64(bitPattern: lsn.bytes)) }
}
