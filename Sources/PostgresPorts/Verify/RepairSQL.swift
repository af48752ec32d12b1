import Engine
import Records

/// The statements that give a row of the destination the values of the origin.
struct RepairSQL {
    let table: VerifiedTable

    func statements(_ difference: RowDifference) -> [String] {
        switch difference.kind {
        case .missing, .number:
            let lacking = difference.originRows - difference.destinationRows
            guard lacking > 0 else { return removals(difference, count: Int(-lacking)) }
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
        return removal(ofOneWhere: condition, order: nil)
    }

    /// Returns the statements that remove some of several rows with one key, or that are alike. The origin
    /// has one of them, which stays; if none is like the origin's, the last one gets its values.
    private func removals(_ difference: RowDifference, count: Int) -> [String] {
        guard let condition = condition(difference) else { return [] }
        guard !table.keyColumns.isEmpty else {
            return Array(repeating: removal(ofOneWhere: condition, order: nil), count: count)
        }
        guard let values = difference.originValues else { return [] }
        let isOrigins = (zip(columns, values).map(Self.matches) + partitionMatches(values))
            .joined(separator: " and ")
        let removals = Array(
            repeating: removal(ofOneWhere: condition, order: "(\(isOrigins))"), count: count)
        let keys = Set(table.keyColumns.map(\.name))
        let pairs = zip(columns, values).filter { !keys.contains($0.0.name) && !$0.0.isIdentityAlways }
            .map { "\(quoteIdentifier($0.name)) = \(literal($0, $1))" }
        guard !pairs.isEmpty else { return removals }
        return removals + [
            "update \(table.table.rowsOnly) set \(pairs.joined(separator: ", ")) where \(condition) "
                + "and not (\(isOrigins))"
        ]
    }

    /// Removes one of several rows, the first in the order.
    private func removal(ofOneWhere condition: String, order: String?) -> String {
        "delete from \(table.table.rowsOnly) where (tableoid, ctid) = (select tableoid, ctid from "
            + "\(table.table.rowsOnly) where \(condition)\(order.map { " order by \($0)" } ?? "") limit 1)"
    }

    /// A row whose partition is another one is written again, so that the server puts it where it belongs.
    private func update(_ difference: RowDifference) -> String? {
        guard let values = difference.originValues, let condition = condition(difference) else { return nil }
        let changed = zip(columns, values).filter { difference.columns.contains($0.0.name.text) }
        let isMisplaced = table.comparesPartitions && difference.columns.contains(VerifiedTable.partition)
        guard !isMisplaced, !changed.isEmpty else {
            guard let insertion = insertion(difference) else { return nil }
            return "delete from \(table.table.rowsOnly) where \(condition); \(insertion)"
        }
        let pairs = changed.map { "\(quoteIdentifier($0.name)) = \(literal($0, $1))" }
        return "update \(table.table.rowsOnly) set \(pairs.joined(separator: ", ")) where \(condition)"
    }

    private func condition(_ difference: RowDifference) -> String? {
        guard table.keyColumns.isEmpty else {
            return zip(table.keyColumns, difference.key.values).map(keyCondition).joined(separator: " and ")
        }
        return difference.destinationValues.map {
            zip(columns, $0).map(Self.matches).joined(separator: " and ")
        }
    }

    /// Returns the condition that a row has a value in its key. The value may be the destination's, whose
    /// type may be wider, so that a cast to the origin's type could make another key of it.
    private func keyCondition(_ column: Column, _ value: String) -> String {
        // Text is compared, so that the server looks into all partitions: a row may be in a wrong one.
        if table.table.isPartitioned { return Self.prints(column, value) }
        let equals =
            "\(quoteIdentifier(column.name)) = "
            + "\(quoteLiteral(value))::\(KeyTypes.withoutModifier(column.typeName))"
        return KeyTypes.comparesByValue(column) ? equals : "\(equals) and \(Self.prints(column, value))"
    }

    private static func matches(_ column: Column, _ value: String?) -> String {
        let name = quoteIdentifier(column.name)
        return value.map { "\(name) is not null and \(prints(column, $0))" } ?? "\(name) is null"
    }

    private func partitionMatches(_ values: [String?]) -> [String] {
        guard table.comparesPartitions, let partition = values.last.flatMap(\.self) else { return [] }
        return ["tableoid = \(quoteLiteral(partition))::pg_catalog.regclass"]
    }

    private static func prints(_ column: Column, _ value: String) -> String {
        "pg_catalog.format('%s', \(quoteIdentifier(column.name))) = \(quoteLiteral(value))"
    }
}
