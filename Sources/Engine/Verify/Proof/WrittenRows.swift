import Records

/// The digests of the rows of a table that are not proved equal: those written since it was, and those that
/// were left open then.
struct WrittenRows: Codable, Equatable {
    /// A row; a row that is not there has no digest.
    struct Row: Codable, Equatable {
        let key: RowKey
        let digest: String?
    }

    let table: QualifiedName
    let rows: [Row]

    /// Key of the document with the rows of the origin.
    static let key = "compared_rows"
    /// Number of keys that are read at once.
    static let keysMax = 10_000

    /// Whether the rows of some keys are read quicker than the whole table. If no index finds a key, each
    /// call reads the whole table.
    static func areQuicker(than table: Table, count: Int, _ reader: any RowReader) throws -> Bool {
        try count <= keysMax || reader.findsKeys(of: table)
    }

    static func read(_ table: Table, _ keys: [RowKey], _ reader: any RowReader) throws -> WrittenRows {
        let verified = VerifiedTable(table: table, comparesPartitions: false)
        var digests: [RowKey: String] = [:]
        let sorted = keys.sorted()
        var rest = sorted[...]
        while !rest.isEmpty {
            for row in try reader.rows(of: verified, keys: Array(rest.prefix(keysMax))) {
                digests[row.key] = "\(row.digest.rows):\(row.digest.sum)"
            }
            rest = rest.dropFirst(keysMax)
        }
        return WrittenRows(table: table.name, rows: sorted.map { Row(key: $0, digest: digests[$0]) })
    }

    /// The table and how many of its rows differ; nil if none does. Keys are values, so none is named.
    func difference(from other: WrittenRows) -> String? {
        let theirs = Dictionary(uniqueKeysWithValues: other.rows.map { ($0.key, $0.digest) })
        let count = rows.count { theirs[$0.key] != .some($0.digest) }
        return count == 0
            ? nil : "\(table) (\(counted(count, "row")) of \(rows.count) that are not proved equal)"
    }
}
