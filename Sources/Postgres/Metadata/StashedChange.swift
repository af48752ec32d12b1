import Records

/// The table `ybvoyager_metadata.switchback_incidents` on the destination.
extension PostgresConnection {
    /// Queues the row of a stashed change, into the open transaction.
    package func queueStash(_ change: StashedChange, migration uuid: String, leg: Int) throws(PostgresError) {
        try queue(
            sql: String(decoding: PackageResources.stash_change_sql, as: UTF8.self),
            [
                uuid, String(leg), change.commitLSN.metadataNumber, String(change.number),
                change.incidentJSON, change.statementSQL,
            ])
    }

    /// Returns the oldest stashed changes that were not carried to the export directory yet.
    package func stashedChanges(migration uuid: String, leg: Int, limit: Int) throws(PostgresError)
        -> [StashedChange]
    {
        try query(
            file: PackageResources.list_stashed_sql, [uuid, String(leg), String(limit)],
            doing: "read the stashed changes"
        ).rows.map { row in
            StashedChange(
                commitLSN: LSN(number: UInt64(bitPattern: row[0].flatMap { Int64($0) } ?? 0)),
                number: row[1].flatMap { Int($0) } ?? 0, incidentJSON: row[2] ?? "",
                statementSQL: row[3] ?? "")
        }
    }

    /// Marks stashed changes as carried to the export directory.
    package func markCarried(migration uuid: String, leg: Int, _ changes: [StashedChange])
        throws(PostgresError)
    {
        _ = try query(
            file: PackageResources.mark_carried_sql,
            [
                uuid, String(leg), Self.textArray(changes.map(\.commitLSN.metadataNumber)),
                Self.textArray(changes.map { String($0.number) }),
            ],
            doing: "mark the stashed changes as carried")
    }

    /// Returns how many changes of a leg were stashed here, carried or not.
    package func stashedCount(migration uuid: String, leg: Int) throws(PostgresError) -> Int {
        let result = try query(
            "select count(*) from ybvoyager_metadata.switchback_incidents where migration_uuid = $1 and leg "
                + "= $2",
            [uuid, String(leg)], doing: "count the stashed changes")
        return result.scalar.flatMap { Int($0) } ?? 0
    }
}
