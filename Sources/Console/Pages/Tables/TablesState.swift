import Engine
import Records

/// The operator's choices about the list of tables.
package struct TablesState: Equatable, Sendable {
    /// The columns of a narrow screen; a wide one has all of them.
    package enum Columns: Int, CaseIterable, Sendable {
        case changes
        case rows

        package var next: Columns { Columns.allCases[(rawValue + 1) % Columns.allCases.count] }
    }

    package var list = ListChoice()
    package var columns = Columns.changes

    package init() {}

    /// Returns the tables that match the filter, in the chosen order.
    package func rows(_ data: ConsoleData) -> [TableStatus] {
        list.arranged(data.status?.tables ?? [], by: Self.orders(data), \.name.description)
    }

    /// The orders: one for each column with a heading.
    package static func orders(_ data: ConsoleData) -> [ListOrder<TableStatus>] {
        let direction = data.direction
        func changes(_ count: @escaping @Sendable (ChangeCounts) -> Int64) -> @Sendable (TableStatus) -> Int64
        {
            { $0.imported[direction].map(count) ?? 0 }
        }
        let rows = ListOrder<TableStatus>(
            data.status?.phase == .snapshot ? "OF ABOUT" : "ROWS", by: { $0.rowsEstimate })
        return [
            ListOrder("TABLE", by: { $0.name }), ListOrder("INSERTS", by: changes(\.inserts)),
            ListOrder("UPDATES", by: changes(\.updates)), ListOrder("DELETES", by: changes(\.deletes)),
            ListOrder("REMAINING", by: { $0.remaining(direction) }), rows,
        ]
    }
}
