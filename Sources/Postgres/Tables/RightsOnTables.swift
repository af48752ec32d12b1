import Records

/// The rights of the role that a cutover needs.
extension PostgresConnection {
    /// Returns the tables to which the role may not write rows, quoted; nil if it may write to all.
    package func tablesNotWritable(_ tables: [QualifiedName]) throws(PostgresError) -> String? {
        try query(
            file: PackageResources.list_unwritable_tables_sql, [Self.textArray(tables.map(\.quoted))],
            doing: "read the rights on the tables"
        ).scalar
    }

    /// Returns the tables that the role does not own, quoted; nil if it owns all.
    package func tablesNotOwned(_ tables: [QualifiedName]) throws(PostgresError) -> String? {
        try query(
            file: PackageResources.list_unowned_tables_sql, [Self.textArray(tables.map(\.quoted))],
            doing: "read who owns the tables"
        ).scalar
    }

    /// Returns the tables and partitions on which the role may create no trigger, quoted; nil if it may on
    /// all.
    package func tablesWithoutTriggerRight(_ tables: [QualifiedName]) throws(PostgresError) -> String? {
        try query(
            file: PackageResources.list_untriggerable_tables_sql,
            [Self.textArray(tables.map(\.quoted))], doing: "read the right to create triggers"
        ).scalar
    }

    /// Returns the sequences whose state the role may not read, quoted; nil if it may read all.
    package func sequencesNotReadable(_ sequences: [QualifiedName]) throws(PostgresError) -> String? {
        try query(
            file: PackageResources.list_unreadable_sequences_sql,
            [Self.textArray(sequences.map(\.quoted))], doing: "read the rights on the sequences"
        ).scalar
    }

    /// Returns whether a slot and a publication of these names exist.
    package func namesInUse(slot: String, publication: String) throws(PostgresError) -> (
        slot: Bool, publication: Bool
    ) {
        let found = try query(
            file: PackageResources.list_names_in_use_sql, [slot, publication],
            doing: "search for slot \(slot) and publication \(publication)"
        ).rows.compactMap { $0[0] }
        return (found.contains("slot"), found.contains("publication"))
    }
}
