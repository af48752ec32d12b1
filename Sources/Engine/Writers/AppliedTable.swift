import Postgres
import Records

/// A table as changes are applied to it: what the stream sends, matched with what the destination has.
struct AppliedTable: Sendable {
    let relation: RelationMessage
    let destination: Table
    /// For each sent column, the destination's.
    let columns: [DestinationColumn]
    /// Indexes of the sent columns by which a row is found; empty where the whole row has to serve.
    let keyIndexes: [Int]
    /// How the key's columns are compared.
    let keyComparisons: [ColumnComparison]
    /// Sent columns that take a value only with OVERRIDING SYSTEM VALUE.
    let alwaysIndexes: Set<Int>
    /// Columns that take no value from an update and whose old values are not sent, for they are none of the key's: an update
    /// may change one unseen, and has to find the value that it would leave.
    let besideIndexes: [Int]
    /// How rows are found where there is no key.
    private let lookup: RowLookup
    /// The system's column that says where a row is.
    private let rowPlace: String

    init(relation: RelationMessage, destination found: DestinationTable, onYugabyteDB: Bool = false) throws {
        rowPlace = onYugabyteDB ? "ybctid" : "ctid"
        self.relation = relation
        destination = found.table
        let known = Dictionary(
            found.columns.enumerated().map { ($1.column.name, $0) }, uniquingKeysWith: { first, _ in first })
        let places = relation.columns.compactMap { known[$0.name] }
        let missing = relation.columns.filter { known[$0.name] == nil }.map(\.name)
        guard missing.isEmpty else {
            throw RequestRefused(
                "the origin sends column \(missing.listed) of \(relation.name), which the destination does "
                    + "not have; add it there, then start again: nothing is lost meanwhile")
        }
        columns = places.map { found.columns[$0] }
        alwaysIndexes = Set(columns.indices.filter { [columns] in columns[$0].column.isIdentityAlways })
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
        keyComparisons = found.keyComparisons(keyIndexes.map { places[$0] })
        lookup = RowLookup(found, columns: columns, places: places)
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

    /// A statement that changes one row, and the columns whose old values find it: its last parameters but those of `beside`.
    struct Statement {
        let sql: String
        let finders: [Int]
    }

    /// How the row with these old values is found; nil where a key names it.
    func form(of old: [TupleValue]) -> RowLookup.Form? {
        keyIndexes.isEmpty ? lookup.form { old[$0] == .null } : nil
    }

    /// An update that sets the columns of `set` and finds the row by its key or by all its old values, and by the new values of
    /// `beside`, some of `besideIndexes`.
    func update(set: [Int], beside: [Int], _ form: RowLookup.Form?) -> Statement {
        let assignments = set.enumerated().map {
            "\(quoteIdentifier(relation.columns[$1].name)) = $\($0 + 1)"
        }
        let row = condition(form, firstParameter: set.count + 1)
        let others = beside.enumerated().map {
            " and "
                + columns[$1].comparison.equals(
                    quoteIdentifier(relation.columns[$1].name),
                    "$\(set.count + row.parameters.count + 1 + $0)")
        }
        return Statement(
            sql: "update \(destination.rowsOnly) set \(assignments.joined(separator: ", ")) where \(row.sql)"
                + others.joined(),
            finders: row.parameters)
    }

    func delete(_ form: RowLookup.Form?) -> Statement {
        let row = condition(form, firstParameter: 1)
        return Statement(
            sql: "delete from \(destination.rowsOnly) where \(row.sql)", finders: row.parameters)
    }

    private func condition(_ form: RowLookup.Form?, firstParameter: Int) -> RowLookup.Condition {
        guard let form else {
            let key = zip(keyIndexes, keyComparisons).enumerated().map { place, key in
                key.1.equals(quoteIdentifier(relation.columns[key.0].name), "$\(firstParameter + place)")
            }
            return RowLookup.Condition(sql: key.joined(separator: " and "), parameters: keyIndexes)
        }
        // Equal rows may exist, and exactly one of them is meant.
        let row = lookup.condition(form, firstParameter: firstParameter)
        return RowLookup.Condition(
            sql: "(tableoid, \(rowPlace)) = (select tableoid, \(rowPlace) from \(destination.rowsOnly) "
                + "where \(row.sql) limit 1)", parameters: row.parameters)
    }
}
