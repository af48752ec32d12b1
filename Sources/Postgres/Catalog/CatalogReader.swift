import Foundation
import Records

/// Small queries of the catalogs.
extension PostgresConnection {
    /// Runs a statement of the folder `SQL`.
    @discardableResult
    package func query(file: [UInt8], _ parameters: [String?] = [], doing: String) throws(PostgresError)
        -> ResultSet
    {
        try query(String(decoding: file, as: UTF8.self), parameters, doing: doing)
    }

    /// Lists all tables of the schemas that can be migrated, in name order.
    package func tables(inSchemas schemas: [String]) throws(PostgresError) -> [Table] {
        let found = try query(
            file: PackageResources.list_tables_sql, [Self.textArray(schemas)], doing: "list the tables")
        let oids = Self.textArray(found.rows.compactMap { $0[6] })
        var columns: [String: [Column]] = [:]
        for row in try query(file: PackageResources.list_columns_sql, [oids], doing: "list the columns").rows
        {
            columns[row[0] ?? "", default: []].append(
                Column(
                    name: Identifier(row[1] ?? ""), typeName: row[2] ?? "", isNotNull: row[3] == "t",
                    isGenerated: row[4] == "t",
                    isIdentityAlways: row[5] == "t"))
        }
        var leaves: [String: [(QualifiedName, Int64, Int64)]] = [:]
        var unstreamed: [String: [UnstreamedPartition]] = [:]
        for row in try query(file: PackageResources.list_leaves_sql, [oids], doing: "list the partitions")
            .rows
        {
            let name = QualifiedName(schema: row[1] ?? "", name: row[2] ?? "")
            if let kind = UnstreamedPartition.Kind(rawValue: row[5] ?? "") {
                unstreamed[row[0] ?? "", default: []].append(UnstreamedPartition(name: name, kind: kind))
            } else {
                leaves[row[0] ?? "", default: []].append(
                    (name, Int64(row[3] ?? "") ?? 0, Int64(row[4] ?? "") ?? 0))
            }
        }
        return try found.rows.map { row throws(PostgresError) in
            let oid = row[6] ?? ""
            let parts = leaves[oid] ?? []
            return Table(
                name: QualifiedName(schema: row[0] ?? "", name: row[1] ?? ""), columns: columns[oid] ?? [],
                primaryKey: try Self.names(row[4]),
                replicaIdentity: ReplicaIdentity(rawValue: row[2] ?? "d") ?? .primaryKey,
                identityIndexColumns: try Self.names(row[5]), isPartitioned: row[3] == "t",
                leaves: parts.map(\.0), unstreamedParts: unstreamed[oid] ?? [],
                rowsEstimate: parts.reduce(0) { $0 + $1.2 }, bytesEstimate: parts.reduce(0) { $0 + $1.1 })
        }
    }

    /// Reads names from a JSON array: a name may have any character that could separate names.
    static func names(_ json: String?) throws(PostgresError) -> [Identifier] {
        do {
            return try JSONDecoder().decode([Identifier].self, from: Data((json ?? "[]").utf8))
        } catch {
            throw PostgresError(
                kind: .malformed, message: "the answer is no list of names",
                doing: "read the names of columns")
        }
    }

    /// Returns a text array as a parameter's value.
    package static func textArray(_ values: [String]) -> String {
        // By scalars: to the server a quote with a combining accent is still a quote.
        let quoted = values.map { value in
            "\"" + value.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
                + "\""
        }
        return "{" + quoted.joined(separator: ",") + "}"
    }

    /// Returns a name for the cluster and database of this connection that no other has. It keeps an export
    /// directory from being used with other databases.
    package func databaseIdentity() throws(PostgresError) -> String {
        // Each node of YugabyteDB has a system identifier of its own.
        let system =
            try isYugabyteDB()
            ? "'YugabyteDB'" : "(select system_identifier from pg_catalog.pg_control_system())::text"
        let result = try query(
            "select \(system) || '/' || (select oid from pg_catalog.pg_database where datname = "
                + "current_database())::text",
            doing: "identify the database")
        return result.scalar ?? ""
    }
}

extension PostgresConnection {
    /// Prefix of our sessions' application names, which distinguishes them from the application's.
    package static var applicationPrefix: String { "switchback" }

    /// Whether the role may see what other sessions do.
    package func seesSessions() throws(PostgresError) -> Bool {
        try query(
            "select pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage')",
            doing: "read the right to see other sessions"
        ).scalar == "t"
    }

    /// Whether the role may see and end the sessions of other roles, except those of superusers.
    package func endsSessions() throws(PostgresError) -> Bool {
        try query(
            "select pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') "
                + "and pg_catalog.pg_has_role(current_user, 'pg_signal_backend', 'usage')",
            doing: "read the right to end other sessions"
        ).scalar == "t"
    }

    /// Counts the sessions of this database, other than ours, that the role may not end.
    ///
    /// - Returns: those of other roles, which pg_signal_backend allows to end, and those of superusers, which
    ///   only a superuser ends
    package func sessionsOfOthers() throws(PostgresError) -> (roles: Int, superusers: Int) {
        let counts = try query(
            file: PackageResources.count_sessions_of_others_sql, [Self.applicationPrefix],
            doing: "count the sessions of other roles"
        ).rows.first?.compactMap { $0.flatMap { Int($0) } }
        return (counts?.first ?? 0, counts?.last ?? 0)
    }

    /// Disconnects the sessions that began before `fencedAt` (seconds since 1970). Returns how many, the
    /// number of sessions whose start the role may not see, and that of superusers' sessions, which stay.
    package func disconnectSessions(before fencedAt: Double) throws(PostgresError) -> (
        ended: Int, unseen: Int, superusers: Int
    ) {
        let result = try query(
            file: PackageResources.disconnect_sessions_sql, [Self.applicationPrefix, String(fencedAt)],
            doing: "disconnect the sessions of before the fence")
        let counts = result.rows.first?.compactMap { $0.flatMap { Int($0) } } ?? []
        guard counts.count == 3 else {
            throw PostgresError(
                kind: .malformed, message: "the answer counts no sessions",
                doing: "disconnect the sessions of before the fence at \(place)")
        }
        return (counts[0], counts[1], counts[2])
    }
}
