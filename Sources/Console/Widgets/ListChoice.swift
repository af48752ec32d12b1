/// A way to order the lines of a list.
package struct ListOrder<Line>: Sendable {
    /// The heading of the column that orders; other words if no column does.
    package let title: String
    /// Nil for the order in which the page has the lines.
    let precedes: (@Sendable (Line, Line) -> Bool)?

    /// The page's own order.
    package init(_ title: String) {
        self.title = title
        precedes = nil
    }

    package init<Key: Comparable & Sendable>(_ title: String, by key: @escaping @Sendable (Line) -> Key) {
        self.title = title
        precedes = { key($0) < key($1) }
    }
}

/// What the operator chose about a list: the line, the filter and the order. Each page with a list has one.
package struct ListChoice: Equatable, Sendable {
    package var scroll = Scroll()
    private var filter = TextField()
    /// Whether the filter is being typed.
    package private(set) var isFiltering = false
    /// The number of the order among those of the page; 0 is the page's own.
    package private(set) var order = 0
    package private(set) var descending = false

    package init() {}

    /// Takes a key while the filter is typed: Enter keeps it, Esc clears it. Returns false for another key.
    package mutating func type(_ key: KeyEvent) -> Bool {
        guard isFiltering else { return false }
        switch key {
        case .enter: isFiltering = false
        case .escape:
            clearFilter()
            isFiltering = false
        default: return filter.handle(key)
        }
        return true
    }

    /// Moves, begins a filter, or changes the order. Returns false for another command.
    package mutating func perform(_ command: Command, count: Int, orders: Int) -> Bool {
        if let movement = Scroll.Movement(command) {
            scroll.move(movement, count: count)
            return true
        }
        switch command {
        case .filter: isFiltering = true
        case .sort: order = (order + 1) % max(1, orders)
        case .reverseSort: descending.toggle()
        default: return false
        }
        return true
    }

    /// Whether every list takes the command.
    package static func takes(_ command: Command) -> Bool {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .filter, .sort, .reverseSort: true
        default: false
        }
    }

    package var hasFilter: Bool { !filter.text.isEmpty }

    package mutating func clearFilter() { filter = TextField() }

    /// Returns the lines that match the filter, in the chosen order. Equal lines keep theirs.
    package func arranged<Line>(_ lines: [Line], by orders: [ListOrder<Line>], _ text: (Line) -> String)
        -> [Line]
    {
        var shown = lines
        if hasFilter {
            let wanted = Filter(filter.text)
            shown = shown.filter { wanted.matches(text($0)) }
        }
        if orders.indices.contains(order), let precedes = orders[order].precedes {
            shown.sort(by: precedes)
        }
        return descending ? shown.reversed() : shown
    }

    /// Order and filter for the title of the page.
    package func words<Line>(_ orders: [ListOrder<Line>]) -> String {
        sortWords(orders) + filterWords
    }

    /// What of both the operator has chosen.
    package func remark<Line>(_ orders: [ListOrder<Line>]) -> String {
        (order != 0 || descending ? sortWords(orders) : "") + (hasFilter || isFiltering ? filterWords : "")
    }

    private func sortWords<Line>(_ orders: [ListOrder<Line>]) -> String {
        let title = orders.indices.contains(order) ? orders[order].title : ""
        return "  sort: \(title) \(descending ? "▼" : "▲")"
    }

    private var filterWords: String {
        "  filter: " + (isFiltering ? filter.text + "_" : hasFilter ? filter.text : "none")
    }

    /// The index of the column that orders; nil if none does.
    package func marked<Line>(_ orders: [ListOrder<Line>], in columns: [TableColumn]) -> Int? {
        guard orders.indices.contains(order) else { return nil }
        return columns.firstIndex { $0.title == orders[order].title }
    }
}
