import Records

/// A session that reads rows of one side, so that they can be compared with those of the other side.
///
/// It reads only, beside the stream: no change waits for it. Each call reads as of one moment. It connects at
/// its first use, and again after an error. It stays on the thread that uses it. Equal rows have equal
/// digests on every database of the migration, whatever its release, its encoding and its settings.
package protocol RowReader: AnyObject {
    /// The database as messages name it.
    var place: String { get }

    /// Whether the rows between two keys are found without reading the whole table, and every database has
    /// the keys in the same order.
    func findsRanges(of table: Table) throws -> Bool

    /// Reads the end of the log. What was committed before the call is below it. Nil if the database has
    /// none.
    func logEnd() throws -> LogPosition?

    /// Returns this migration's channels, by number. What they say need not be durable.
    func channels() throws -> [Channel]

    /// Returns marks of the transactions that have written to the table and may be committing now. The log
    /// may have what such a transaction wrote before any session sees it, as while it waits for a
    /// synchronous standby. A mark goes when its transaction can be seen, or was rolled back.
    func committing(to table: Table) throws -> Set<String>

    /// Whether a row is found by its key without reading the whole table.
    func findsKeys(of table: Table) throws -> Bool

    /// Returns the key that is `rows` rows after another one; nil if fewer rows follow.
    func key(of table: VerifiedTable, after key: RowKey?, rows: Int) throws -> RowKey?

    /// Reads the digests of the rows of a range, by bucket; a bucket without rows has none.
    ///
    /// - Parameter buckets: number of buckets that the rows are divided into, by their keys
    func digests(of table: VerifiedTable, in range: RowRange, buckets: Int) throws -> [Int: RowDigest]

    /// Reads the rows of a range, each as its key and its digest.
    func rows(of table: VerifiedTable, in range: RowRange) throws -> [ReadRow]

    /// Reads the rows with these keys.
    func rows(of table: VerifiedTable, keys: [RowKey]) throws -> [ReadRow]

    /// Reads the values of the rows with these keys, in the order of `VerifiedTable.valueNames`. NULL is nil.
    func values(of table: VerifiedTable, keys: [RowKey]) throws -> [RowKey: [String?]]

    /// Returns the statements that give the destination's row the values of the origin's.
    func repair(_ difference: RowDifference, of table: VerifiedTable) -> [String]
}

/// A table whose rows are verified, with what both sides compare of it.
package struct VerifiedTable: Sendable, Equatable {
    package let table: Table
    /// Whether a row's partition is compared, too: both sides have partitions of the same names.
    package let comparesPartitions: Bool

    package init(table: Table, comparesPartitions: Bool) {
        self.table = table
        self.comparesPartitions = comparesPartitions
    }

    /// The columns by which rows are told apart. Empty if no key does; then a row is known by its digest.
    package var keyColumns: [Column] {
        let names = table.primaryKey.isEmpty ? table.identityColumns : table.primaryKey
        return names.compactMap { name in table.columns.first { $0.name == name } }
    }

    /// The names of the compared values.
    package var valueNames: [String] {
        table.sentColumns.map(\.name.text) + (comparesPartitions ? [Self.partition] : [])
    }

    /// The name of the value that is a row's partition. No column can be confused with it: it has a blank.
    package static let partition = "its partition"
}

/// A part of the rows of a table.
package struct RowRange: Sendable, Equatable {
    /// The rows whose keys are greater than this one; nil for all.
    package var after: RowKey?
    /// The rows whose keys are not greater than this one; nil for all.
    package var through: RowKey?
    /// The rows of one bucket of several; nil for all.
    package var bucket: Bucket?

    /// A bucket: rows whose keys have the same hash modulo a number.
    package struct Bucket: Sendable, Equatable {
        package let number: Int
        package let count: Int

        package init(number: Int, count: Int) {
            self.number = number
            self.count = count
        }
    }

    package static let all = RowRange()

    package init(after: RowKey? = nil, through: RowKey? = nil, bucket: Bucket? = nil) {
        self.after = after
        self.through = through
        self.bucket = bucket
    }
}

/// The number of some rows, and the sum of their hashes.
package struct RowDigest: Sendable, Equatable {
    package let rows: Int64
    package let sum: String

    package init(rows: Int64, sum: String) {
        self.rows = rows
        self.sum = sum
    }
}

/// A row as it was read: its key, its digest, and its version. Rows that no key tells apart are read as one.
package struct ReadRow: Sendable, Equatable {
    package let key: RowKey
    /// Number of rows that have the key; more than one only without a key.
    package let digest: RowDigest
    /// A text that every write to the row changes.
    package let version: String

    package init(key: RowKey, digest: RowDigest, version: String) {
        self.key = key
        self.digest = digest
        self.version = version
    }
}

/// The values of a row's key, as text. They are compared by bytes: text that only looks alike is another key.
package struct RowKey: Sendable, Hashable, Comparable, Codable {
    package let values: [String]

    package init(_ values: [String]) { self.values = values }

    package init(from decoder: any Decoder) throws {
        values = try decoder.singleValueContainer().decode([String].self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }

    package static func == (left: RowKey, right: RowKey) -> Bool {
        left.values.elementsEqual(right.values) { $0.utf8.elementsEqual($1.utf8) }
    }

    package static func < (left: RowKey, right: RowKey) -> Bool {
        left.values.lexicographicallyPrecedes(right.values) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package func hash(into hasher: inout Hasher) {
        for value in values {
            hasher.combine(value.utf8.count)
            for byte in value.utf8 { hasher.combine(byte) }
        }
    }
}
