import Engine
import Records

/// The operator's filter and order of the tables that are offered.
struct ChoiceArrangement: Equatable, Sendable {
    var list = ListChoice()
    /// What the present order was made for; nil if it must be made again. A mark does not move its table
    /// under the cursor.
    private var made: ListChoice?

    /// An offered table in the order that the source gives, and whether it is chosen.
    struct Row: Sendable {
        let index: Int
        let table: OfferedTable
        let isChosen: Bool
    }

    /// The orders. The tables come in that of their names.
    static let orders: [ListOrder<Row>] = [
        ListOrder("TABLE"), ListOrder("ROWS", by: { $0.table.rowsEstimate }),
        ListOrder("SIZE", by: { $0.table.bytesEstimate }),
        ListOrder("chosen first", by: { $0.isChosen ? 0 : 1 }),
    ]

    /// Has the order made again: the tables, or what they are chosen by, are others.
    mutating func forget() { made = nil }

    /// Returns the tables that match the filter, in the chosen order; nil if nothing has changed.
    mutating func order(_ selection: TableSelection) -> [Int]? {
        // Another line of the same list is no other order.
        var wish = list
        wish.scroll = Scroll()
        guard made != wish else { return nil }
        made = wish
        let rows = selection.tables.enumerated().map { index, table in
            Row(index: index, table: table, isChosen: selection.chosen.contains(table.name))
        }
        return list.arranged(rows, by: Self.orders, \.table.name.description).map(\.index)
    }

    /// The heading of the list.
    func title(_ count: Int, of total: Int) -> String {
        "Tables \(count) of \(total)\(list.words(Self.orders))"
    }
}
