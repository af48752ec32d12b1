import Engine
import Postgres
import Records

extension PostgresSide {
    func rowReader(as name: String, meanwhile proceed: @escaping () throws -> Void) -> any RowReader {
        PostgresRowReader(context, side, as: name, meanwhile: proceed)
    }
}

/// A session that reads the rows of a PostgreSQL database for their comparison.
final class PostgresRowReader: RowReader {
    private let context: RoleContext
    private let side: Side
    private let connection: MonitorConnection
    private let proceed: () throws -> Void
    /// What the connection's server is; nil before the first use.
    private var server: Server?

    private struct Server {
        let place: String
        let isUTF8: Bool
        let isYugabyteDB: Bool
    }

    init(
        _ context: RoleContext, _ side: Side, as name: String, meanwhile proceed: @escaping () throws -> Void
    ) {
        self.proceed = proceed
        self.context = context
        self.side = side
        connection = MonitorConnection(context, side, as: name)
    }

    var place: String { server?.place ?? side.rawValue }

    private func use<R>(_ body: (borrowing PostgresConnection, Server) throws -> R) throws -> R {
        do {
            return try connection.use { connection in
                let current = try server ?? Self.begin(connection)
                server = current
                return try body(connection, current)
            }
        } catch {
            server = nil
            throw error
        }
    }

    private static func begin(_ connection: borrowing PostgresConnection) throws -> Server {
        // A row may be in a partition where it does not belong. The server must look for it there, too.
        if connection.serverVersion >= 110_000 {
            try connection.execute(
                "set enable_partition_pruning = off; set constraint_exclusion = off",
                doing: "begin to read rows")
        }
        return Server(
            place: connection.place, isUTF8: connection.parameterStatus("server_encoding") == "UTF8",
            isYugabyteDB: try connection.isYugabyteDB())
    }

    private func query(_ table: VerifiedTable, _ statement: (RowSQL) -> RowSQL.Statement, doing: String)
        throws -> [[String?]]
    {
        try use { connection, server in
            let sql = RowSQL(
                table: table, isUTF8: server.isUTF8, hasVersions: !server.isYugabyteDB)
            let (text, parameters) = statement(sql)
            return try connection.query(
                text, parameters, doing: "\(doing) of \(table.table.name)", meanwhile: proceed
            ).rows
        }
    }

    // MARK: The session

    func findsRanges(of table: Table) throws -> Bool {
        let columns = VerifiedTable(table: table, comparesPartitions: false).keyColumns
        // YugabyteDB divides rows by the hash of their keys.
        return try !columns.isEmpty && columns.allSatisfy(KeyTypes.isSortedAlike)
            && use { !$1.isYugabyteDB }
    }

    func logEnd() throws -> LogPosition? { try use { connection, _ in try connection.logEnd() } }

    func channels() throws -> [Channel] {
        let uuid = try context.record().uuid
        return try use { connection, _ in try connection.channels(migration: uuid) }
    }

    func committing(to table: Table) throws -> Set<String> {
        try use { connection, _ in try connection.committing(to: table.name) }
    }

    func findsKeys(of table: Table) throws -> Bool {
        let columns = VerifiedTable(table: table, comparesPartitions: false).keyColumns
        return !columns.isEmpty && columns.allSatisfy(KeyTypes.comparesByValue)
    }

    // MARK: Rows

    func key(of table: VerifiedTable, after key: RowKey?, rows: Int) throws -> RowKey? {
        try query(table, { $0.key(after: key, rows: rows) }, doing: "find a key").first.map {
            RowKey($0.map { $0 ?? "" })
        }
    }

    func digests(of table: VerifiedTable, in range: RowRange, buckets: Int) throws -> [Int: RowDigest] {
        let found = try query(table, { $0.digests(range, buckets: buckets) }, doing: "read digests")
        return Dictionary(
            uniqueKeysWithValues: found.map { row in
                (
                    Int(row[0] ?? "") ?? 0,
                    RowDigest(rows: Int64(row[1] ?? "") ?? 0, sum: row[2] ?? "")
                )
            })
    }

    func rows(of table: VerifiedTable, in range: RowRange) throws -> [ReadRow] {
        try query(table, { $0.rows(range) }, doing: "read rows").map(Self.row)
    }

    func rows(of table: VerifiedTable, keys: [RowKey]) throws -> [ReadRow] {
        try query(table, { $0.rows(keys) }, doing: "read rows").map(Self.row)
    }

    private static func row(_ found: [String?]) -> ReadRow {
        ReadRow(
            key: RowKey(found.dropFirst(3).map { $0 ?? "" }),
            digest: RowDigest(rows: Int64(found[0] ?? "") ?? 0, sum: found[1] ?? ""),
            version: found[2] ?? "")
    }

    func values(of table: VerifiedTable, keys: [RowKey]) throws -> [RowKey: [String?]] {
        let found = try query(table, { $0.values(keys) }, doing: "read values")
        let width = max(1, table.keyColumns.count)
        return Dictionary(
            found.map { (RowKey($0.prefix(width).map { $0 ?? "" }), Array($0.dropFirst(width))) },
            uniquingKeysWith: { first, _ in first })
    }

    func repair(_ difference: RowDifference, of table: VerifiedTable) -> [String] {
        RepairSQL(table: table).statements(difference)
    }
}
