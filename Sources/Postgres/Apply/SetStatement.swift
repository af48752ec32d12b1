import Records

/// The SQL of one statement on arrays. Each raises division by zero (SQLSTATE 22012) unless it touches exactly as many
/// rows as its last parameter says, so that a change which meets no row, or two, can never be committed.
struct SetStatement: Hashable {
    enum Kind: UInt8 { case insert, update, delete }

    let relation: UInt32
    let kind: Kind
    /// The columns an update sets.
    let set: [Int]
    /// Where a column's values travel as texts though its type would let them travel as numbers: some of them are none.
    var isAllText = false

    /// What the values of a column travel as.
    func elements(_ column: Int, _ table: WindowTable) -> ElementType {
        isAllText ? .text : table.elementTypes[column]
    }

    func sql(_ table: WindowTable) -> String {
        switch kind {
        case .insert:
            let all = Array(table.columns.indices)
            let names = table.columns.map { quoteIdentifier($0.name) }.joined(separator: ", ")
            let overriding = table.hasAlwaysIdentity ? " overriding system value" : ""
            return checked(
                "insert into \(table.insertTarget) (\(names))\(overriding) select \(all.map { value($0, table) }.joined(separator: ", ")) "
                    + "from \(arrays(all, table))", parameters: all.count)
        case .update:
            let given = table.keyIndexes + set
            let assignments = set.map { "\(quoteIdentifier(table.columns[$0].name)) = \(value($0, table))" }
            return checked(
                "update \(table.rowsTarget) t set \(assignments.joined(separator: ", ")) from \(arrays(given, table)) where \(match(table))",
                parameters: given.count)
        case .delete:
            return checked(
                "delete from \(table.rowsTarget) t using \(arrays(table.keyIndexes, table)) where \(match(table))",
                parameters: table.keyIndexes.count)
        }
    }

    private func checked(_ statement: String, parameters: Int) -> String {
        "with done as (\(statement) returning 1) select 1 / (count(*) = $\(parameters + 1)::bigint)::int from done"
    }

    private func match(_ table: WindowTable) -> String {
        table.keyIndexes.map { "t.\(quoteIdentifier(table.columns[$0].name)) = \(key($0, table))" }.joined(
            separator: " and ")
    }

    /// Keys and values have names of their own: an update may set a column of its key to itself.
    private func key(_ index: Int, _ table: WindowTable) -> String { cast("v.k\(index)", index, table) }

    private func value(_ index: Int, _ table: WindowTable) -> String { cast("v.c\(index)", index, table) }

    private func cast(_ text: String, _ index: Int, _ table: WindowTable) -> String {
        "\(text)::\(Self.castType(table.columns[index].typeName))"
    }

    /// The rows as they came, or by their keys: then neighbours in the index, and often in the table, are met one after the
    /// other, which takes a fifth to a quarter off a window of rows that lie apart.
    private func arrays(_ indexes: [Int], _ table: WindowTable) -> String {
        let rows = unnest(indexes, table)
        let order = orderKeys(table).map { cast("k\($0)", $0, table) }
        guard kind != .insert, !order.isEmpty else { return rows }
        return "(select * from \(rows) order by \(order.joined(separator: ", "))) v"
    }

    /// The key's first columns, as far as they sort without a collation, which would cost more than it brings.
    private func orderKeys(_ table: WindowTable) -> ArraySlice<Int> {
        table.keyIndexes.prefix { index in
            let type = table.columns[index].typeName
            return !["text", "character", "name", "citext"].contains { type.hasPrefix($0) }
        }
    }

    private func unnest(_ indexes: [Int], _ table: WindowTable) -> String {
        let parameters = indexes.enumerated().map { "$\($0 + 1)::\(elements($1, table).arrayName)" }
        let names = indexes.enumerated().map { place, index in
            kind == .delete || kind == .update && place < table.keyIndexes.count ? "k\(index)" : "c\(index)"
        }
        return "unnest(\(parameters.joined(separator: ", "))) v(\(names.joined(separator: ", ")))"
    }

    /// What travels as texts is cast. The cast has no length of characters or bits: it would cut off what the
    /// column, in the assignment, refuses. (`bit` alone would be `bit(1)`; named with its schema it has no length.)
    static func castType(_ typeName: String) -> String {
        let unbounded = [
            ("character varying", "pg_catalog.varchar"), ("character", "pg_catalog.bpchar"),
            ("bit varying", "pg_catalog.varbit"), ("bit", "pg_catalog.bit"),
        ]
        for (name, unboundedName) in unbounded where typeName.hasPrefix(name) {
            let rest = typeName.dropFirst(name.count)
            let array = rest.hasSuffix("[]") ? "[]" : ""
            let length = rest.dropLast(array.count)
            if length.isEmpty || length.hasPrefix("(") && length.hasSuffix(")") {
                return unboundedName + array
            }
        }
        return typeName
    }
}
