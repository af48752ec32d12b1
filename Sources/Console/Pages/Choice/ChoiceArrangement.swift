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

    var sort = Sort.name { didSet { isStale = true } }
    var descending = false { didSet { isStale = true } }
    var filter = TextField() { didSet { isStale = true } }
    var isFiltering = false
    /// Whether the order must be made again. A mark does not move its table under the cursor.
    var isStale = true

    /// Returns the tables that match the filter, in the chosen order; nil if nothing has changed.
    mutating func order(_ selection: TableSelection) -> [Int]? {
        guard isStale else { return nil }
        isStale = false
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
        return "Tables \(count) of \(total)  sort: \(sort)\(descending ? ", reversed" : "")  filter: \(filter)"
    }
}
