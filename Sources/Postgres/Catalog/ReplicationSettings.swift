import Records

/// The settings of a server for logical replication, with the rights of the role that asks.
package struct ReplicationSettings: Sendable, Equatable {
    package let walLevel: String
    package let freeSlots: Int
    package let freeSenders: Int
    package let mayReplicate: Bool
    /// Whether the role may create a publication.
    package let mayPublish: Bool
    package let database: String
    /// The publications of all tables, quoted; nil if there is none.
    package let publicationsOfAllTables: String?

    package init(
        walLevel: String, freeSlots: Int, freeSenders: Int, mayReplicate: Bool, mayPublish: Bool,
        database: String, publicationsOfAllTables: String? = nil
    ) {
        self.walLevel = walLevel
        self.freeSlots = freeSlots
        self.freeSenders = freeSenders
        self.mayReplicate = mayReplicate
        self.mayPublish = mayPublish
        self.database = database
        self.publicationsOfAllTables = publicationsOfAllTables
    }
}

extension PostgresConnection {
    package func replicationSettings() throws(PostgresError) -> ReplicationSettings {
        let found = try query(
            file: PackageResources.read_replication_settings_sql, doing: "read the replication settings")
        let row = found.rows.first ?? Array(repeating: nil, count: 7)
        return ReplicationSettings(
            walLevel: row[0] ?? "", freeSlots: row[1].flatMap { Int($0) } ?? 0,
            freeSenders: row[2].flatMap { Int($0) } ?? 0, mayReplicate: row[3] == "t",
            mayPublish: row[4] == "t", database: row[5] ?? "", publicationsOfAllTables: row[6])
    }
}
