import Engine
import Postgres
import Records

/// A table that changes are applied to: the columns of the stream, matched with those of the destination.
struct AppliedTable: Sendable {
    let relation: RelationMessage
    let destination: Table
    /// The destination's column for each sent one.
    let columns: [DestinationColumn]
    /// Indexes of the sent columns by which a row is found; empty if all columns are needed.
    let keyIndexes: [Int]
    /// The comparisons of the key's columns.
    let keyComparisons: [ColumnComparison]
    /// Indexes of the sent columns that take a value only with OVERRIDING SYSTEM VALUE.
    let alwaysIndexes: Set<Int>
    /// Indexes of the columns that an update cannot set and whose old values are not sent, because they are
    /// not in the key. The origin's update may have changed one. So our update must find the new value there
    /// already.
    let besideIndexes: [Int]
    /// The lookup of rows without a key.
    private let lookup: RowLookup
    /// The system column that identifies a row.
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
        // YugabyteDB streams only tables with a primary key, and may not say which columns are in it.
        case .change: keyIndexes = flagged.isEmpty ? whole : flagged
        case .nothing: keyIndexes = []
        // The whole old row is sent; the primary key, if there is one, finds the row by an index.
        case .full: keyIndexes = whole
        }
        keyComparisons = found.keyComparisons(keyIndexes.map { places[$0] })
        lookup = RowLookup(found, columns: columns, places: places)
        besideIndexes = relation.identity == .full ? [] : alwaysIndexes.subtracting(keyIndexes).sorted()
    }

    /// Matches a relation of the log with the destination's tables.
    init(
        _ relation: RelationMessage, among destinations: [QualifiedName: DestinationTable],
        onYugabyteDB: Bool = false
    ) throws {
        guard let destination = destinations[relation.name] else {
            throw RequestRefused(
                "the origin sends changes of \(relation.name), which the destination does not have; create "
                    + "the table there, then start again: nothing is lost meanwhile")
        }
        try self.init(relation: relation, destination: destination, onYugabyteDB: onYugabyteDB)
    }

    /// Whether the destination guarantees one row for each key.
    var isKeyUnique: Bool {
        let key = Set(keyIndexes.map { relation.columns[$0].name })
        return !destination.primaryKey.isEmpty && key.isSuperset(of: destination.primaryKey)
    }

    /// Whether the destination has columns that are neither sent nor generated.
    var hasOwnColumns: Bool {
        let sent = Set(relation.columns.map(\.name))
        return destination.sentColumns.contains { !sent.contains($0.name) }
    }

    /// The insert of all sent columns.
    var insertSQL: String {
        let columns = relation.columns.map { quoteIdentifier($0.name) }.joined(separator: ", ")
        let values = relation.columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let overriding = alwaysIndexes.isEmpty ? "" : " overriding system value"
        return "insert into \(destination.name.quoted) (\(columns))\(overriding) values (\(values))"
    }

    /// A statement on one row. Its last parameters are the old values of `finders`, followed by those of
    /// `beside`.
    struct Statement {
        let sql: String
        let finders: [Int]
    }

    /// Returns how the row with these old values is found; nil if a key names it.
    func form(of old: [TupleValue]) -> RowLookup.Form? {
        keyIndexes.isEmpty ? lookup.form { old[$0] == .null } : nil
    }

    /// Returns the update that sets the columns of `set`. It finds the row by its key or by all its old
    /// values, and by the new values of `beside`, which are some of `besideIndexes`.
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
        // Equal rows may exist, and the change is of exactly one of them.
        let row = lookup.condition(form, firstParameter: firstParameter)
        return RowLookup.Condition(
            sql: "(tableoid, \(rowPlace)) = (select tableoid, \(rowPlace) from \(destination.rowsOnly) "
                + "where \(row.sql) limit 1)", parameters: row.parameters)
    }
}
