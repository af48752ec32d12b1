import Records

/// A channel as the written database has it: a watermark that is moved in the transactions that carry its changes.
package struct Channel: Sendable, Equatable {
    package let number: Int
    /// The commit LSN of the last transaction whose part in this channel is applied; zero before the first.
    package let appliedLSN: LSN
    package let counts: ChangeCounts
}

/// Where a writer believes a channel's watermark to be.
package struct ChannelPosition: Sendable, Equatable {
    package let number: Int
    package var lsn: LSN

    package init(number: Int, lsn: LSN) {
        self.number = number
        self.lsn = lsn
    }
}

extension [ChannelPosition] {
    /// The literals of the channels and of their watermarks.
    fileprivate var arrays: [String?] {
        [
            "{" + map { String($0.number) }.joined(separator: ",") + "}",
            "{" + map { $0.lsn.number }.joined(separator: ",") + "}",
        ]
    }
}

extension LSN {
    /// As the metadata tables keep it.
    fileprivate var number: String { String(Int64(bitPattern: bytes)) }
}

extension PostgresConnection {
    /// This migration's channels, by number; never none. With `locked` it waits for transactions that move them.
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
                number: Int(numbers[0]), appliedLSN: LSN(bytes: UInt64(bitPattern: numbers[1])),
                counts: ChangeCounts(inserts: numbers[2], updates: numbers[3], deletes: numbers[4]))
        }
    }

    /// Puts channels in the place of others, all at once; throws SQLSTATE 22012, and changes nothing, unless those that go
    /// are where they are believed to be.
    package func replaceChannels(
        migration uuid: String, _ going: [ChannelPosition], with coming: [ChannelPosition]
    ) throws(PostgresError) {
        try query(
            file: PackageResources.replace_channels_sql, [uuid] + going.arrays + coming.arrays,
            doing: "replace the channels")
    }

    /// Queues the statement that keeps channels at their places for the transaction, and fails with SQLSTATE 22012 where
    /// one is elsewhere.
    package func queueWatermarkLock(
        migration uuid: String, _ channels: [ChannelPosition]
    ) throws(PostgresError) {
        try queue(
            sql: String(decoding: PackageResources.lock_watermark_sql, as: UTF8.self),
            [uuid] + channels.arrays)
    }

    /// Prepares the statements below, once a session, before it enters the pipeline.
    package func prepareClaim() throws(PostgresError) {
        try prepare(
            name: Self.claimName, sql: String(decoding: PackageResources.claim_watermark_sql, as: UTF8.self))
        try prepare(
            name: Self.claimOneName,
            sql: String(decoding: PackageResources.claim_one_watermark_sql, as: UTF8.self))
    }

    private static var claimName: String { "claim" }
    private static var claimOneName: String { "claim1" }

    /// Queues the prepared statement that moves channels to `lsn` and adds to the counts by table, which `keeper` keeps;
    /// it fails with SQLSTATE 22012 where a channel is not where it is believed to be.
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
                    uuid, String(channel.number), channel.lsn.number, lsn.number, table.countedAs,
                    String(count.inserts), String(count.updates), String(count.deletes), String(keeper),
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
                lsn.number, String(total.inserts), String(total.updates), String(total.deletes),
                Self.textArray(tables.map(\.countedAs)), array(\.inserts), array(\.updates), array(\.deletes),
                String(keeper),
            ])
    }

    /// The tables whose rows are kept apart by nothing but their primary key; see `list_tables_of_one_key.sql`.
    package func tablesOfOneKey(inSchemas schemas: [String]) throws(PostgresError) -> Set<QualifiedName> {
        Set(
            try query(
                file: PackageResources.list_tables_of_one_key_sql, [Self.textArray(schemas)],
                doing: "look for unique indexes"
            ).rows.map { QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? "") })
    }
}
