import Records

extension PostgresConnection {
    /// Reads the identities of those of the tables that exist, in name order.
    package func identities(of tables: [QualifiedName]) throws(PostgresError) -> [TableIdentity] {
        var found: [TableIdentity] = []
        for row in try query(
            file: PackageResources.list_identities_sql, [Self.textArray(tables.map(\.quoted))],
            doing: "read the replica identities"
        ).rows {
            let identity = RowIdentity(
                name: QualifiedName(schema: row[2] ?? "", name: row[3] ?? ""),
                kind: try Self.kind(row[5] ?? "", names: row[6]), isDeferrable: row[7] == "t",
                isGenerated: row[8] == "t", isNothing: row[5] == "n")
            if row[4] == "t" {
                found.append(TableIdentity(table: identity))
            } else if !found.isEmpty {
                found[found.count - 1].parts.append(identity)
            }
        }
        return found
    }

    private static func kind(_ letter: String, names: String?) throws(PostgresError) -> RowIdentity.Kind {
        let names = try Self.names(names)
        return switch ReplicaIdentity(rawValue: letter) {
        case .full: .full
        case .change: .change
        case .primaryKey, .index:
            names.isEmpty ? .none : .columns(names)
        case .nothing, nil: .none
        }
    }
}
