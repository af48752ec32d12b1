import Engine
import Records

/// The operator's filter and order of the tables that are offered.
struct ChoiceArrangement: Equatable, Sendable {
    /// The column that sorts the list.
    enum Sort: Int, CaseIterable, Sendable {
        case name
        case rows
        case size
        /// The chosen ones first.
        case choice

        var next: Sort { Sort.allCases[(rawValue + 1) % Sort.allCases.count] }
    }

    var sort = Sort.name
    var descending = false
    var filter = TextField()
    var isFiltering = false
    /// What the present order was made for; nil if it must be made again. A mark does not move its table
    /// under the cursor.
    private var made: Made?

    private struct Made: Equatable {
        let sort: Sort
        let descending: Bool
        let filter: String
    }

    /// Has the order made again: the tables, or what they are chosen by, are others.
    mutating func forget() { made = nil }

    /// Returns the tables that match the filter, in the chosen order; nil if nothing has changed.
    mutating func order(_ selection: TableSelection) -> [Int]? {
        let wish = Made(sort: sort, descending: descending, filter: filter.text)
        guard made != wish else { return nil }
        made = wish
        let wanted = Filter(filter.text)
        let tables = selection.tables
        let found = tables.indices.filter { wanted.matches(tables[$0].name.description) }
        // The tables come in name order, and a sort keeps the order of equals.
        let ordered: [Int] =
            switch sort {
            case .name: found
            case .rows: found.sorted { tables[$0].rowsEstimate > tables[$1].rowsEstimate }
            case .size: found.sorted { tables[$0].bytesEstimate > tables[$1].bytesEstimate }
            case .choice:
                found.filter { selection.chosen.contains(tables[$0].name) }
                    + found.filter { !selection.chosen.contains(tables[$0].name) }
            }
        return descending ? ordered.reversed() : ordered
    }

    /// The heading of the list.
    func title(_ count: Int, of total: Int) -> String {
        let filter = isFiltering ? "\(filter.text)_" : filter.text.isEmpty ? "none" : filter.text
        return
            "Tables \(count) of \(total)  sort: \(sort)\(descending ? ", reversed" : "")  filter: \(filter)"
    }
}
