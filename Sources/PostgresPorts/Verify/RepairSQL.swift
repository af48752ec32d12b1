import Engine
import Records

/// The statements that give a row of the destination the values of the origin.
struct RepairSQL {
    let table: VerifiedTable

    func statements(_ difference: RowDifference) -> [String] {
        switch difference.kind {
        case .missing, .number:
            let lacking = difference.originRows - difference.destinationRows
            guard lacking > 0 else {
                return Array(repeating: removal(difference), count: Int(-lacking)).compactMap { $0 }
            }
            return Array(repeating: insertion(difference), count: Int(lacking)).compactMap { $0 }
        case .extra:
            let count = table.keyColumns.isEmpty ? Int(difference.destinationRows) : 1
            return Array(repeating: removal(difference), count: count).compactMap { $0 }
        case .different:
            return update(difference).map { [$0] } ?? []
        }
    }

    private var columns: [Column] { table.table.sentColumns }

    private func literal(_ column: Column, _ value: String?) -> String {
        value.map { "\(quoteLiteral($0))::\(column.typeName)" } ?? "null"
    }

    private func insertion(_ difference: RowDifference) -> String? {
        guard let values = difference.originValues else { return nil }
        let names = columns.map { quoteIdentifier($0.name) }.joined(separator: ", ")
        let overriding = columns.contains(where: \.isIdentityAlways) ? " overriding system value" : ""
        let literals = zip(columns, values).map(literal).joined(separator: ", ")
        return "insert into \(table.table.name.quoted) (\(names))\(overriding) values (\(literals))"
    }

    private func removal(_ difference: RowDifference) -> String? {
        guard let condition = condition(difference) else { return nil }
        guard table.keyColumns.isEmpty else {
            return "delete from \(table.table.rowsOnly) where \(condition)"
        }
        // One of several rows that are alike.
        return "delete from \(table.table.rowsOnly) where (tableoid, ctid) = (select tableoid, ctid from "
            + "\(table.table.rowsOnly) where \(condition) limit 1)"
    }

    /// A row whose partition alone differs is written again, so that the server puts it where it belongs.
    private func update(_ difference: RowDifference) -> String? {
        guard let values = difference.originValues, let condition = condition(difference) else { return nil }
        let changed = zip(columns, values).filter { difference.columns.contains($0.0.name.text) }
        guard !changed.isEmpty else {
            guard let insertion = insertion(difference) else { return nil }
            // Text is compared, so that the server looks into all partitions.
            let printed = zip(table.keyColumns, difference.key.values).map(Self.prints)
            return "delete from \(table.table.rowsOnly) where "
                + "\((printed.isEmpty ? [condition] : printed).joined(separator: " and ")); \(insertion)"
        }
        let pairs = changed.map { "\(quoteIdentifier($0.name)) = \(literal($0, $1))" }
        return "update \(table.table.rowsOnly) set \(pairs.joined(separator: ", ")) where \(condition)"
    }

    private func condition(_ difference: RowDifference) -> String? {
        guard table.keyColumns.isEmpty else {
            return zip(table.keyColumns, difference.key.values).map { column, value in
                "\(quoteIdentifier(column.name)) = \(literal(column, value))"
            }.joined(separator: " and ")
        }
        guard let values = difference.destinationValues else { return nil }
        return zip(columns, values).map { column, value in
            value.map { Self.prints(column, $0) } ?? "\(quoteIdentifier(column.name)) is null"
        }.joined(separator: " and ")
    }

    private static func prints(_ column: Column, _ value: String) -> String {
        "pg_catalog.format('%s', \(quoteIdentifier(column.name))) = \(quoteLiteral(value))"
    }
}
