import Records

/// Reads what the catalogs say, in values of ours. Small queries; each call may throw `PostgresError`.
extension PostgresConnection {
    /// A statement of the `SQL` folder.
    @discardableResult
    package func query(file: [UInt8], _ parameters: [String?] = [], doing: String) throws(PostgresError)
        -> ResultSet
    {
        try query(String(decoding: file, as: UTF8.self), parameters, doing: doing)
    }

    /// All tables of the schemas that can be migrated, in name order.
    package func tables(inSchemas schemas: [String]) throws(PostgresError) -> [Table] {
        let found = try query(
            file: PackageResources.list_tables_sql, [Self.textArray(schemas)], doing: "list the tables")
        let oids = Self.textArray(found.rows.compactMap { $0[6] })
        var columns: [String: [Column]] = [:]
        for row in try query(file: PackageResources.list_columns_sql, [oids], doing: "list the columns").rows
        {
            columns[row[0] ?? "", default: []].append(
                Column(
                    name: row[1] ?? "", typeName: row[2] ?? "", isNotNull: row[3] == "t",
                    isGenerated: row[4] == "t",
                    isIdentityAlways: row[5] == "t"))
        }
        var leaves: [String: [(QualifiedName, Int64, Int64)]] = [:]
        var unstreamed: [String: [UnstreamedPart]] = [:]
        for row in try query(file: PackageResources.list_leaves_sql, [oids], doing: "list the partitions")
            .rows
        {
            let name = QualifiedName(schema: row[1] ?? "", name: row[2] ?? "")
            if let kind = UnstreamedPart.Kind(rawValue: row[5] ?? "") {
                unstreamed[row[0] ?? "", default: []].append(UnstreamedPart(name: name, kind: kind))
            } else {
                leaves[row[0] ?? "", default: []].append(
                    (name, Int64(row[3] ?? "") ?? 0, Int64(row[4] ?? "") ?? 0))
            }
        }
        return found.rows.map { row in
            let oid = row[6] ?? ""
            let parts = leaves[oid] ?? []
            return Table(
                name: QualifiedName(schema: row[0] ?? "", name: row[1] ?? ""), columns: columns[oid] ?? [],
                primaryKey: Self.names(row[4]),
                replicaIdentity: ReplicaIdentity(rawValue: row[2] ?? "d") ?? .primaryKey,
                identityIndexColumns: Self.names(row[5]), isPartitioned: row[3] == "t",
                leaves: parts.map(\.0), unstreamedParts: unstreamed[oid] ?? [],
                rowsEstimate: parts.reduce(0) { $0 + $1.2 }, bytesEstimate: parts.reduce(0) { $0 + $1.1 })
        }
    }

    private static func names(_ joined: String?) -> [String] {
        (joined ?? "").split(separator: "\u{1}").map(String.init)
    }

    /// The literal of a text array for a parameter.
    package static func textArray(_ values: [String]) -> String {
        // By scalars: to the server a mark with an accent on it is the mark.
        let quoted = values.map { value in
            "\"" + value.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
                + "\""
        }
        return "{" + quoted.joined(separator: ",") + "}"
    }

    /// A name for the cluster and database behind this connection that no other shares: what keeps an
    /// export directory from being used with other databases than its own.
    package func databaseIdentity() throws(PostgresError) -> String {
        // Each node of YugabyteDB has a number of its own for the system.
        let system =
            try isYugabyteDB()
            ? "'YugabyteDB'" : "(select system_identifier from pg_catalog.pg_control_system())::text"
        let result = try query(
            "select \(system) || '/' || "
                + "(select oid from pg_catalog.pg_database where datname = current_database())::text",
            doing: "identify the database")
        return result.scalar ?? ""
    }
}

/// A sequence's state.
package struct SequenceValue: Sendable, Codable, Equatable {
    package let name: QualifiedName
    package let lastValue: Int64
    package let isCalled: Bool

    package init(name: QualifiedName, lastValue: Int64, isCalled: Bool) {
        self.name = name
        self.lastValue = lastValue
        self.isCalled = isCalled
    }
}

/// A session that stands in the way of a quiet origin.
package struct OpenWriter: Sendable, Equatable {
    package let processID: String
    package let user: String
    package let application: String
    package let ageSeconds: Int64
}

extension PostgresConnection {
    /// Our sessions' names begin with this, so that they are told from the application's.
    package static var applicationPrefix: String { "switchback" }

    /// The sequences with their values. With CACHE the value is the end of a handed-out block, a safe bound.
    package func sequences(inSchemas schemas: [String]) throws(PostgresError) -> [SequenceValue] {
        var values: [SequenceValue] = []
        let list = try query(
            file: PackageResources.list_sequences_sql, [Self.textArray(schemas)], doing: "list the sequences")
        for row in list.rows {
            let name = QualifiedName(schema: row[0] ?? "", name: row[1] ?? "")
            let state = try query(
                "select last_value, is_called from \(name.quoted)", doing: "read sequence \(name)")
            if let found = state.rows.first, let last = found[0].flatMap({ Int64($0) }) {
                values.append(SequenceValue(name: name, lastValue: last, isCalled: found[1] == "t"))
            }
        }
        return values
    }

    /// Sets a sequence; false where there is none of that name.
    package func setSequence(_ value: SequenceValue) throws(PostgresError) -> Bool {
        guard
            try query(
                "select to_regclass($1) is not null", [value.name.quoted],
                doing: "look for sequence \(value.name)"
            ).scalar == "t"
        else { return false }
        do {
            try query(
                "select pg_catalog.setval($1::regclass, $2, $3)",
                [value.name.quoted, String(value.lastValue), value.isCalled ? "t" : "f"],
                doing: "set sequence \(value.name) at \(place)")
        } catch {
            throw error.mended(
                by: "grant update on sequence \(value.name.quoted) to \(quoteIdentifier(user))")
        }
        return true
    }

    /// Whether the role sees other sessions' transactions, and which sequences it may not set.
    package func sessionRights(inSchemas schemas: [String]) throws(PostgresError) -> (
        seesSessions: Bool, sequencesNotSettable: String?
    ) {
        let result = try query(
            file: PackageResources.read_session_rights_sql, [Self.textArray(schemas)],
            doing: "read the rights on sessions and sequences")
        let row = result.rows.first ?? []
        return (row.first == "t", row.count > 1 ? row[1] : nil)
    }

    package func openWriters() throws(PostgresError) -> [OpenWriter] {
        try query(
            file: PackageResources.list_writers_sql, [Self.applicationPrefix],
            doing: "look for open transactions"
        ).rows.map { row in
            OpenWriter(
                processID: row[0] ?? "", user: row[1] ?? "", application: row[2] ?? "",
                ageSeconds: row[3].flatMap { Int64($0) } ?? 0)
        }
    }

    /// Disconnects the sessions that began before `fencedAt` (seconds since 1970); returns how many, and how many there are of
    /// which the role does not see when they began.
    package func disconnectSessions(before fencedAt: Double) throws(PostgresError) -> (
        ended: Int, unseen: Int
    ) {
        let result = try query(
            file: PackageResources.disconnect_sessions_sql, [Self.applicationPrefix, String(fencedAt)],
            doing: "disconnect the sessions of before the fence")
        let counts = result.rows.first?.compactMap { $0.flatMap { Int($0) } } ?? []
        guard counts.count == 2 else {
            throw PostgresError(
                kind: .malformed, message: "the answer counts no sessions",
                doing: "disconnect the sessions of before the fence at \(place)")
        }
        return (counts[0], counts[1])
    }
}
