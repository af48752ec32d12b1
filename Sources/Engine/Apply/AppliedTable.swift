import Postgres
import Records

/// A table as changes are applied to it: what the stream sends, matched with what the destination has.
struct AppliedTable: Sendable {
    let relation: RelationMessage
    let destination: Table
    /// Indexes of the sent columns by which a row is found; empty where the whole row has to serve.
    let keyIndexes: [Int]
    /// Sent columns that take a value only with OVERRIDING SYSTEM VALUE.
    let alwaysIndexes: Set<Int>
    /// Columns that take no value from an update and whose old values are not sent, for they are none of the key's: an update
    /// may change one unseen, and has to find the value that it would leave.
    let besideIndexes: [Int]
    /// The system's column that says where a row is.
    private let rowPlace: String

    init(relation: RelationMessage, destination: Table, onYugabyteDB: Bool = false) throws {
        rowPlace = onYugabyteDB ? "ybctid" : "ctid"
        self.relation = relation
        self.destination = destination
        let known = Dictionary(
            destination.columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let missing = relation.columns.filter { known[$0.name] == nil }.map(\.name)
        guard missing.isEmpty else {
            throw RequestRefused(
                "the origin sends column \(missing.listed) of \(relation.name), which the destination does "
                    + "not have; add it there, then start again: nothing is lost meanwhile")
        }
        alwaysIndexes = Set(
            relation.columns.indices.filter { known[relation.columns[$0].name]?.isIdentityAlways == true })
        let flagged = relation.columns.indices.filter { relation.columns[$0].isKey }
        let names = relation.columns.map(\.name)
        let key = destination.primaryKey.compactMap { name in names.firstIndex(of: name) }
        let whole = key.count == destination.primaryKey.count ? key : []
        switch relation.identity {
        case .primaryKey, .index: keyIndexes = flagged
        // YugabyteDB streams no table without a primary key, and may not say which columns it is.
        case .change: keyIndexes = flagged.isEmpty ? whole : flagged
        case .nothing: keyIndexes = []
        // The whole old row comes; the primary key finds the row by an index where there is one.
        case .full: keyIndexes = whole
        }
        besideIndexes = relation.identity == .full ? [] : alwaysIndexes.subtracting(keyIndexes).sorted()
    }

    /// Whether the destination has one row a key for certain.
    var isKeyUnique: Bool {
        let key = Set(keyIndexes.map { relation.columns[$0].name })
        return !destination.primaryKey.isEmpty && key.isSuperset(of: destination.primaryKey)
    }

    /// Whether the destination has columns that are not sent, and that it does not compute.
    var hasOwnColumns: Bool {
        let sent = Set(relation.columns.map(\.name))
        return destination.sentColumns.contains { !sent.contains($0.name) }
    }

    /// SQL of an insert of all sent columns.
    var insertSQL: String {
        let columns = relation.columns.map { quoteIdentifier($0.name) }.joined(separator: ", ")
        let values = relation.columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let overriding = alwaysIndexes.isEmpty ? "" : " overriding system value"
        return "insert into \(destination.name.quoted) (\(columns))\(overriding) values (\(values))"
    }

    /// SQL of an update that sets the columns of `set` and finds the row by key or by its whole old text, and by the new values
    /// of `beside`, some of `besideIndexes`.
    func updateSQL(set: [Int], beside: [Int]) -> String {
        let assignments = set.enumerated().map {
            "\(quoteIdentifier(relation.columns[$1].name)) = $\($0 + 1)"
        }
        return "update \(destination.rowsOnly) set \(assignments.joined(separator: ", ")) where "
            + condition(firstParameter: set.count + 1)
            + beside.enumerated().map {
                " and \(quoteIdentifier(relation.columns[$1].name)) = $\(set.count + conditionIndexes.count + 1 + $0)"
            }.joined()
    }

    var deleteSQL: String { "delete from \(destination.rowsOnly) where " + condition(firstParameter: 1) }

    /// The indexes whose old values `condition` takes, in order.
    var conditionIndexes: [Int] { keyIndexes.isEmpty ? Array(relation.columns.indices) : keyIndexes }

    private func condition(firstParameter: Int) -> String {
        guard keyIndexes.isEmpty else {
            return keyIndexes.enumerated().map {
                "\(quoteIdentifier(relation.columns[$1].name)) = $\(firstParameter + $0)"
            }.joined(separator: " and ")
        }
        // Without a key equal rows may exist, and exactly one of them is meant. The rows' text is compared because not
        // every type has an equality; both sides print it under the same settings. A row prints its values as the stream
        // does, where a cast to text would not: it makes `true` of `t`, and cuts the blanks of char(n).
        let columns = relation.columns.map { quoteIdentifier($0.name) }.joined(separator: ", ")
        let values = relation.columns.indices.map { "$\(firstParameter + $0)::text" }.joined(separator: ", ")
        return "(tableoid, \(rowPlace)) = (select tableoid, \(rowPlace) from \(destination.rowsOnly) "
            + "where row(\(columns))::text = row(\(values))::text limit 1)"
    }
}
