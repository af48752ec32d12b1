import Records

extension [ChannelPosition] {
    /// The array literals of the channels' numbers and watermarks.
    fileprivate var arrays: [String?] {
        [
            "{" + map { String($0.number) }.joined(separator: ",") + "}",
            "{" + map { $0.lsn.metadataNumber }.joined(separator: ",") + "}",
        ]
    }
}

extension LSN {
    /// The LSN as the metadata tables keep it: the same bits as a signed number.
    var metadataNumber: String { String(Int64(bitPattern: number)) }
}

extension PostgresConnection {
    /// Returns this migration's channels, by number; at least one. With `locked`, waits for transactions that
    /// move them.
    package func channels(migration uuid: String, locked: Bool = false) throws(PostgresError) -> [Channel] {
        let result = try query(
            "select channel_no, last_applied_vsn, num_inserts, num_updates, num_deletes "
                + "from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                + "where migration_uuid = $1 order by 1\(locked ? " for update" : "")", [uuid],
            doing: "read the watermark")
        guard !result.rows.isEmpty else {
            throw PostgresError(
                kind: .server, sqlState: "02000", message: "the watermark row of this migration is gone",
                doing: "read the watermark in ybvoyager_metadata at \(place)",
                hint: "somebody has removed it; what was applied cannot be known, begin a new migration")
        }
        return result.rows.map { row in
            let numbers = row.map { $0.flatMap { Int64($0) } ?? 0 }
            return Channel(
                number: Int(numbers[0]), appliedLSN: LSN(number: UInt64(bitPattern: numbers[1])),
                counts: ChangeCounts(inserts: numbers[2], updates: numbers[3], deletes: numbers[4]))
        }
    }

    /// Replaces channels by others in one statement; throws SQLSTATE 22012 and changes nothing unless the
    /// watermarks of those that go are as expected.
    package func replaceChannels(
        migration uuid: String, _ going: [ChannelPosition], with coming: [ChannelPosition]
    ) throws(PostgresError) {
        try query(
            file: PackageResources.replace_channels_sql, [uuid] + going.arrays + coming.arrays,
            doing: "replace the channels")
    }

    /// Queues the statement that locks the channels' watermarks for the transaction. It fails with SQLSTATE
    /// 22012 if one is not as expected.
    package func queueWatermarkLock(migration uuid: String, _ channels: [ChannelPosition])
        throws(PostgresError)
    {
        try queue(
            sql: String(decoding: PackageResources.lock_watermark_sql, as: UTF8.self),
            [uuid] + channels.arrays)
    }

    /// Prepares the statements of `queueClaim`, once for each session and before it enters the pipeline.
    package func prepareClaim() throws(PostgresError) {
        try prepare(
            name: Self.claimName, sql: String(decoding: PackageResources.claim_watermark_sql, as: UTF8.self))
        try prepare(
            name: Self.claimOneName,
            sql: String(decoding: PackageResources.claim_one_watermark_sql, as: UTF8.self))
    }

    private static var claimName: String { "claim" }
    private static var claimOneName: String { "claim1" }

    /// Queues the prepared statement that moves channels to `lsn` and adds to the counts by table in the rows
    /// of channel `keeper`. It fails with SQLSTATE 22012 if a channel's watermark is not as expected.
    package func queueClaim(
        migration uuid: String, _ channels: [ChannelPosition], to lsn: LSN, keeper: Int,
        counts: [QualifiedName: ChangeCounts]
    ) throws(PostgresError) {
        if channels.count == 1, counts.count == 1, let channel = channels.first,
            let (table, count) = counts.first
        {
            return try queue(
                name: Self.claimOneName,
                [
                    uuid, String(channel.number), channel.lsn.metadataNumber, lsn.metadataNumber,
                    table.countedAs, String(count.inserts), String(count.updates), String(count.deletes),
                    String(keeper),
                ])
        }
        let tables = counts.keys.sorted()
        func array(_ value: (ChangeCounts) -> Int64) -> String {
            "{" + tables.map { String(value(counts[$0] ?? .zero)) }.joined(separator: ",") + "}"
        }
        let total = counts.values.reduce(.zero, +)
        try queue(
            name: Self.claimName,
            [uuid] + channels.arrays + [
                lsn.metadataNumber, String(total.inserts), String(total.updates), String(total.deletes),
                Self.textArray(tables.map(\.countedAs)), array(\.inserts), array(\.updates), array(\.deletes),
                String(keeper),
            ])
    }

    /// Returns the tables whose rows only their primary key keeps apart; see `list_tables_of_one_key.sql`.
    package func tablesOfOneKey(inSchemas schemas: [String]) throws(PostgresError) -> Set<QualifiedName> {
        Set(
            try query(
                file: PackageResources.list_tables_of_one_key_sql, [Self.textArray(schemas)],
                doing: "list the unique indexes"
            ).rows.map { QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? "") })
    }
}
