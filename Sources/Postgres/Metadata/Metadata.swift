import Records

extension PostgresConnection {
    package static var metadataSchema: String { MetadataSchema.name }

    /// Whether all metadata tables are there.
    package func hasMetadataTables() throws(PostgresError) -> Bool {
        try query(
            "select count(pg_catalog.to_regclass('\(Self.metadataSchema).' || name)) = "
                + "cardinality($1::text[]) "
                + "from unnest($1::text[]) name", [Self.textArray(Self.metadataTables)],
            doing: "find the metadata tables"
        ).scalar == "t"
    }

    private static var metadataTables: [String] {
        [
            "switchback_barriers", "switchback_incidents", "ybvoyager_import_data_batches_metainfo_v3",
            "ybvoyager_imported_event_count_by_table", "ybvoyager_import_data_event_channels_metainfo",
        ]
    }

    /// Creates the metadata tables that are missing. Runs no DDL if all are there: even DDL that changes
    /// nothing fires event triggers.
    package func ensureMetadataTables() throws(PostgresError) {
        guard try !hasMetadataTables() else { return }
        try execute(Self.creatingMetadata, doing: "make the metadata tables")
    }

    /// The statements that create the metadata tables.
    package static var creatingMetadata: String {
        String(decoding: PackageResources.create_metadata_sql, as: UTF8.self)
    }

    /// The statement that makes the first channel of a migration; $1 is the migration.
    package static var creatingChannel: String {
        "insert into ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
            + "select $1::uuid, 0, 0, 0, 0, 0 where not exists (select "
            + "from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
            + "where migration_uuid = $1::uuid) on conflict do nothing"
    }

    /// Creates the metadata tables, and this migration's first channel if it has none, on a destination.
    package func ensureMetadata(migration uuid: String) throws(PostgresError) {
        try ensureMetadataTables()
        try query(Self.creatingChannel, [uuid], doing: "make the watermark")
    }

    /// Returns another migration that has its metadata in this database and has not ended.
    package func otherMigration(than uuid: String) throws(PostgresError) -> String? {
        let known = try query(
            "select to_regclass('ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo') is not "
                + "null",
            doing: "find metadata of another migration")
        guard known.scalar == "t" else { return nil }
        return try query(
            "select migration_uuid::text from "
                + "ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                + "where migration_uuid <> $1 limit 1", [uuid],
            doing: "find metadata of another migration"
        ).scalar
    }

    /// Returns this migration's watermark here: the lowest of its channels, with the counts of all.
    package func watermark(migration uuid: String) throws(PostgresError) -> Watermark {
        let channels = try channels(migration: uuid)
        return Watermark(
            appliedLSN: channels.map(\.appliedLSN).min() ?? .zero,
            counts: channels.map(\.counts).reduce(.zero, +))
    }

    /// Returns the counts of changes applied here, by table.
    package func appliedCounts(migration uuid: String) throws(PostgresError) -> [QualifiedName: ChangeCounts]
    {
        let result = try query(
            "select table_name, num_inserts, num_updates, num_deletes from "
                + "ybvoyager_metadata.ybvoyager_imported_event_count_by_table where migration_uuid = $1",
            [uuid],
            doing: "read the counts")
        var counts: [QualifiedName: ChangeCounts] = [:]
        for row in result.rows {
            let numbers = row.dropFirst().map { $0.flatMap { Int64($0) } ?? 0 }
            // There is one row for each channel.
            counts[QualifiedName(countedAs: row[0] ?? ""), default: .zero] += ChangeCounts(
                inserts: numbers[0], updates: numbers[1], deletes: numbers[2])
        }
        return counts
    }

    /// Locks the metadata so that `clearTable` waits until this transaction has ended. If a process dies in a
    /// copy, the server may still commit it.
    package func lockMetadataForCopy(migration uuid: String) throws(PostgresError) {
        try query(
            "select from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                + "where migration_uuid = $1 for share", [uuid],
            doing: "lock the metadata for a copy")
    }

    /// Notes a chunk in the transaction that carries its rows; returns false if the chunk is there already.
    package func noteChunk(migration uuid: String, file: String, number: Int, table: QualifiedName, rows: Int)
        throws(PostgresError) -> Bool
    {
        try query(
            "insert into ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 values ($1, $2, $3, "
                + "$4, $5, $6) on conflict do nothing",
            [uuid, file, String(number), table.schema.text, table.name.text, String(rows)],
            doing: "note a chunk of \(table)"
        ).affectedRows == 1
    }

    /// Whether this migration has copied rows into the table.
    package func hasChunks(migration uuid: String, table: QualifiedName) throws(PostgresError) -> Bool {
        try query(
            "select exists (select from ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 where "
                + "migration_uuid = $1 and schema_name = $2 and table_name = $3)",
            [uuid, table.schema.text, table.name.text], doing: "find chunks of \(table)"
        ).scalar == "t"
    }

    /// Empties a table that an earlier copy of ours began to fill, with its chunk rows, in one transaction.
    package func clearTable(migration uuid: String, table: QualifiedName) throws(PostgresError) {
        let kind = try query(
            "select relkind from pg_catalog.pg_class where oid = $1::regclass", [table.quoted],
            doing: "read the kind of \(table)")
        try execute("begin", doing: "clear \(table)")
        // The delete must see the rows of a copy that is still under way: see `lockMetadataForCopy`.
        try query(
            "select from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                + "where migration_uuid = $1 for update", [uuid],
            doing: "wait for copies under way")
        // Not TRUNCATE: foreign keys that refer to a table forbid it. Child tables keep their rows.
        try execute(
            "delete from \(kind.scalar == "p" ? "" : "only ")\(table.quoted)", doing: "clear \(table)")
        try query(
            "delete from ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 where migration_uuid = "
                + "$1 and schema_name = $2 and table_name = $3",
            [uuid, table.schema.text, table.name.text], doing: "clear \(table)")
        try execute("commit", doing: "clear \(table)")
    }

    /// Removes this migration's metadata, and the schema if no other migration uses it.
    package func removeMetadata(migration uuid: String) throws(PostgresError) {
        let known = try query(
            "select to_regclass('ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo') is not "
                + "null",
            doing: "remove the metadata")
        guard known.scalar == "t" else { return }
        // Metadata of an older version has no table for barriers.
        try ensureMetadataTables()
        // Only an origin that lets several readers have one slot has claims.
        for table in Self.cleanedTables {
            let isThere = try query(
                "select to_regclass('ybvoyager_metadata.\(table)') is not null", doing: "remove the metadata")
            guard isThere.scalar == "t" else { continue }
            try query(Self.cleaning(table), [uuid], doing: "remove the metadata")
        }
        let others = try query(
            "select (select count(*) from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo) "
                + "+ (select count(*) from ybvoyager_metadata.switchback_barriers) "
                // The fence of another migration is a function here, on which its triggers depend.
                + "+ (select count(*) from pg_catalog.pg_proc where pronamespace = "
                + "'ybvoyager_metadata'::regnamespace)",
            doing: "remove the metadata")
        if others.scalar == "0" {
            try execute(Self.droppingMetadata, doing: "remove the metadata schema")
        }
    }

    private static var cleanedTables: [String] { metadataTables + ["switchback_claims"] }

    private static func cleaning(_ table: String) -> String {
        "delete from ybvoyager_metadata.\(table) where migration_uuid = $1"
    }

    /// The statements that remove a migration's rows from the metadata tables; $1 is the migration. A table
    /// that is not there is passed over.
    package static var cleaningMetadata: [String] { cleanedTables.map(cleaning) }

    /// The statement that removes the metadata when no other migration has any.
    package static var droppingMetadata: String { "drop schema ybvoyager_metadata cascade" }

    /// Makes the session one that writes replicated rows: no triggers or foreign key checks fire for it.
    /// Throws SQLSTATE 42501 if the role may not do that.
    package func becomeReplica() throws(PostgresError) {
        try runStatementsOnce()
        do {
            try execute(
                "set session_replication_role = replica", doing: "set session_replication_role at \(place)")
        } catch {
            throw error.mended(
                by:
                    "grant set on parameter session_replication_role to \(quoteIdentifier(user)), or connect "
                    + "as a superuser"
            )
        }
    }
}
