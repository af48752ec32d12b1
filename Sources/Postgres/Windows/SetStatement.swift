import Records

/// The SQL of one statement on arrays. It raises division by zero (SQLSTATE 22012) unless it changes exactly
/// as many rows as its last parameter says. So a change that meets no row, or two, can never be committed. If
/// the destination does not guarantee unique keys, the keys that met a row are counted too: one that met two
/// must not make up for one that met none.
struct SetStatement: Hashable {
    /// The kind of change that the statement makes.
    enum Kind: UInt8 { case insert, update, delete }

    let relation: UInt32
    let kind: Kind
    /// The columns that an update sets.
    let set: [Int]
    /// Whether all values are sent as texts, because some value of a number column is not a number.
    var isAllText = false

    /// Returns the element type of the array for a column.
    func elements(_ column: Int, _ table: WindowTable) -> ElementType {
        isAllText ? .text : table.elementTypes[column]
    }

    func sql(_ table: WindowTable) -> String {
        switch kind {
        case .insert:
            let all = Array(table.columns.indices)
            let names = table.columns.map { quoteIdentifier($0.column.name) }.joined(separator: ", ")
            let overriding = table.hasAlwaysIdentity ? " overriding system value" : ""
            return checked(
                "insert into \(table.insertTarget) (\(names))\(overriding) select "
                    + "\(all.map { value($0, table) }.joined(separator: ", ")) from \(rows(all, table))",
                parameters: all.count, isEachCounted: false)
        case .update:
            let given = table.keyIndexes + set
            let assignments = set.map {
                "\(quoteIdentifier(table.columns[$0].column.name)) = \(value($0, table))"
            }
            return checked(
                "update \(table.rowsTarget) t set \(assignments.joined(separator: ", ")) from "
                    + "\(rows(given, table)) where \(match(table))",
                parameters: given.count, isEachCounted: !table.isKeyUnique)
        case .delete:
            return checked(
                "delete from \(table.rowsTarget) t using \(rows(table.keyIndexes, table)) where "
                    + "\(match(table))",
                parameters: table.keyIndexes.count, isEachCounted: !table.isKeyUnique)
        }
    }

    private func checked(_ statement: String, parameters: Int, isEachCounted: Bool) -> String {
        let wanted = "$\(parameters + 1)::bigint"
        let (returned, keys) =
            isEachCounted ? ("v.place", " and count(distinct place) = \(wanted)") : ("1", "")
        return
            "with done as (\(statement) returning \(returned)) select 1 / (count(*) = \(wanted)\(keys))::int "
            + "from done"
    }

    private func match(_ table: WindowTable) -> String {
        // Keys and values have different names, because an update may set a column of its key to itself.
        zip(table.keyIndexes, table.keyComparisons).map { index, comparison in
            comparison.equals("t.\(quoteIdentifier(table.columns[index].column.name))", "v.k\(index)")
        }.joined(separator: " and ")
    }

    private func value(_ index: Int, _ table: WindowTable) -> String {
        table.columns[index].comparison.cast("v.c\(index)")
    }

    /// Returns the arrays as rows. Set-returning functions in a select list advance together, one element of
    /// each for a row. In a FROM clause the server would keep all elements once for each array, and once more
    /// as rows (manual chapter "Set Returning Functions"; server files nodeProjectSet.c and
    /// nodeFunctionscan.c).
    private func rows(_ indexes: [Int], _ table: WindowTable) -> String {
        let columns = indexes.enumerated().map { place, index in
            let isKey = kind == .delete || kind == .update && place < table.keyIndexes.count
            let array = "$\(place + 1)::\(elements(index, table).arrayName)"
            return "pg_catalog.unnest(\(array)) \(isKey ? "k" : "c")\(index)"
        }
        let place =
            kind == .insert || table.isKeyUnique
            ? "" : ", pg_catalog.generate_series(1, $\(indexes.count + 1)::bigint) place"
        return "(select \(columns.joined(separator: ", "))\(place)) v"
    }
}
