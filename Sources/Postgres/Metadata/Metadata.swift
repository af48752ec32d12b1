import Records

/// What was applied, as the written database itself says: the tables in schema `ybvoyager_metadata`.
package struct Watermark: Sendable, Equatable {
    /// Everything up to here is applied, on every channel; zero before the first transaction.
    package let appliedLSN: LSN
    package let counts: ChangeCounts

    package init(appliedLSN: LSN, counts: ChangeCounts) {
        self.appliedLSN = appliedLSN
        self.counts = counts
    }
}

extension PostgresConnection {
    package static var metadataSchema: String { "ybvoyager_metadata" }

    /// Whether all metadata tables are there.
    package func hasMetadataTables() throws(PostgresError) -> Bool {
        try query(
            "select count(pg_catalog.to_regclass('\(Self.metadataSchema).' || name)) = cardinality($1::text[]) "
                + "from unnest($1::text[]) name", [Self.textArray(Self.metadataTables)],
            doing: "look for the metadata tables"
        ).scalar == "t"
    }

    private static var metadataTables: [String] {
        [
            "switchback_barriers", "switchback_incidents", "ybvoyager_import_data_batches_metainfo_v3",
            "ybvoyager_imported_event_count_by_table", "ybvoyager_import_data_event_channels_metainfo",
        ]
    }

    /// Makes the metadata tables where they are missing. Where all are there nothing is run: even DDL that does nothing fires
    /// event triggers.
    package func ensureMetadataTables() throws(PostgresError) {
        guard try !hasMetadataTables() else { return }
        try execute(
            String(decoding: PackageResources.create_metadata_sql, as: UTF8.self),
            doing: "make the metadata tables")
    }

    /// The same, and this migration's first channel where it has none: for a database that is written to.
    package func ensureMetadata(migration uuid: String) throws(PostgresError) {
        try ensureMetadataTables()
        try query(
            "insert into ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                + "select $1::uuid, 0, 0, 0, 0, 0 where not exists (select "
                + "from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                + "where migration_uuid = $1::uuid) on conflict do nothing", [uuid],
            doing: "make the watermark")
    }

    /// Another migration that has its metadata in this database and has not ended.
    package func otherMigration(than uuid: String) throws(PostgresError) -> String? {
        let known = try query(
            "select to_regclass('ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo') is not null",
            doing: "look for metadata of another migration")
        guard known.scalar == "t" else { return nil }
        return try query(
            "select migration_uuid::text from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                + "where migration_uuid <> $1 limit 1", [uuid],
            doing: "look for metadata of another migration"
        ).scalar
    }

    /// The watermark of this migration on this database: the lowest of its channels', with the counts of all.
    package func watermark(migration uuid: String) throws(PostgresError) -> Watermark {
        let channels = try channels(migration: uuid)
        return Watermark(
            appliedLSN: channels.map(\.appliedLSN).min() ?? .zero,
            counts: channels.map(\.counts).reduce(.zero, +))
    }

    /// The counts by table of what was applied here.
    package func appliedCounts(migration uuid: String) throws(PostgresError) -> [QualifiedName: ChangeCounts]
    {
        let result = try query(
            "select table_name, num_inserts, num_updates, num_deletes "
                + "from ybvoyager_metadata.ybvoyager_imported_event_count_by_table where migration_uuid = $1",
            [uuid],
            doing: "read the counts")
        var counts: [QualifiedName: ChangeCounts] = [:]
        for row in result.rows {
            let numbers = row.dropFirst().map { $0.flatMap { Int64($0) } ?? 0 }
            // One row a channel.
            counts[QualifiedName(countedAs: row[0] ?? ""), default: .zero] += ChangeCounts(
                inserts: numbers[0], updates: numbers[1], deletes: numbers[2])
        }
        return counts
    }

    /// Keeps `clearTable` waiting until this transaction has ended: where a process died in a copy its server may still
    /// commit it.
    package func lockMetadataForCopy(migration uuid: String) throws(PostgresError) {
        try query(
            "select from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                + "where migration_uuid = $1 for share", [uuid],
            doing: "hold the metadata for a copy")
    }

    /// Notes a chunk in the transaction that carries its rows. False where the chunk is there already.
    package func noteChunk(migration uuid: String, file: String, number: Int, table: QualifiedName, rows: Int)
        throws(PostgresError) -> Bool
    {
        try query(
            "insert into ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 "
                + "values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
            [uuid, file, String(number), table.schema.text, table.name.text, String(rows)],
            doing: "note a chunk of \(table)"
        ).affectedRows == 1
    }

    /// Whether this migration has copied rows into the table.
    package func hasChunks(migration uuid: String, table: QualifiedName) throws(PostgresError) -> Bool {
        try query(
            "select exists (select from ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 "
                + "where migration_uuid = $1 and schema_name = $2 and table_name = $3)",
            [uuid, table.schema.text, table.name.text], doing: "look for chunks of \(table)"
        ).scalar == "t"
    }

    /// Empties a table that an earlier, cut off copy of ours had begun to fill, with its chunk rows, in one transaction.
    package func clearTable(migration uuid: String, table: QualifiedName) throws(PostgresError) {
        let kind = try query(
            "select relkind from pg_catalog.pg_class where oid = $1::regclass", [table.quoted],
            doing: "look at \(table)")
        try execute("begin", doing: "clear \(table)")
        // What a copy under way elsewhere brings must be seen by the delete: see `lockMetadataForCopy`.
        try query(
            "select from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                + "where migration_uuid = $1 for update", [uuid],
            doing: "wait for copies under way")
        // Not TRUNCATE: a table that foreign keys point to refuses it. Tables that inherit keep their rows.
        try execute(
            "delete from \(kind.scalar == "p" ? "" : "only ")\(table.quoted)", doing: "clear \(table)")
        try query(
            "delete from ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 "
                + "where migration_uuid = $1 and schema_name = $2 and table_name = $3",
            [uuid, table.schema.text, table.name.text], doing: "clear \(table)")
        try execute("commit", doing: "clear \(table)")
    }

    /// Removes what this migration keeps here; the schema too when no other migration uses it.
    package func removeMetadata(migration uuid: String) throws(PostgresError) {
        let known = try query(
            "select to_regclass('ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo') is not null",
            doing: "remove the metadata")
        guard known.scalar == "t" else { return }
        // One of before there were barriers of rows lacks their table.
        try ensureMetadataTables()
        for table in Self.metadataTables {
            let isThere = try query(
                "select to_regclass('ybvoyager_metadata.\(table)') is not null", doing: "remove the metadata")
            guard isThere.scalar == "t" else { continue }
            try query(
                "delete from ybvoyager_metadata.\(table) where migration_uuid = $1", [uuid],
                doing: "remove the metadata")
        }
        let others = try query(
            "select (select count(*) from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo) "
                + "+ (select count(*) from ybvoyager_metadata.switchback_barriers) "
                // The fence of another migration is a function here, on which its triggers depend.
                + "+ (select count(*) from pg_catalog.pg_proc where pronamespace = 'ybvoyager_metadata'::regnamespace)",
            doing: "remove the metadata")
        if others.scalar == "0" {
            try execute("drop schema ybvoyager_metadata cascade", doing: "remove the metadata schema")
        }
    }

    /// Readies a session that writes replicated rows: no triggers or foreign key checks fire for it. Throws where the
    /// role may not (SQLSTATE 42501).
    package func becomeReplica() throws(PostgresError) {
        try runStatementsOnce()
        do {
            try execute(
                "set session_replication_role = replica", doing: "set session_replication_role at \(place)")
        } catch {
            throw error.mended(
                by:
                    "grant set on parameter session_replication_role to \(quoteIdentifier(user)), or connect as a superuser"
            )
        }
    }
}
