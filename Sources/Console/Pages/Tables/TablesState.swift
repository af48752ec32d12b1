import Engine
import Records

/// The operator's sorting, filter and position in the list of tables.
package struct TablesState: Equatable, Sendable {
    /// The column that sorts the list.
    package enum Sort: Int, CaseIterable, Sendable {
        case name
        case rows
        case changes
        case remaining

        package var next: Sort { Sort.allCases[(rawValue + 1) % Sort.allCases.count] }
    }

    /// The columns of a narrow screen; a wide one has all of them.
    package enum Columns: Int, CaseIterable, Sendable {
        case changes
        case rows

        package var next: Columns { Columns.allCases[(rawValue + 1) % Columns.allCases.count] }
    }

    package var scroll = Scroll()
    package var columns = Columns.changes
    package var sort = Sort.name
    package var descending = false
    package var filter = TextField()
    package var isFiltering = false

    package init() {}

    /// Returns the tables that match the filter, in the chosen order.
    package func rows(_ data: ConsoleData) -> [TableStatus] {
        let direction = data.direction
        let wanted = Filter(filter.text)
        let all = (data.status?.tables ?? []).filter {
            wanted.matches($0.name.description)
        }
        let ordered = all.sorted { left, right in
            switch sort {
            case .name: left.name < right.name
            case .rows: (left.rowsEstimate, left.name) < (right.rowsEstimate, right.name)
            case .changes:
                (left.exported[direction]?.total ?? 0, left.name) < (
                    right.exported[direction]?.total ?? 0, right.name
                )
            case .remaining:
                (left.remaining(direction), left.name) < (right.remaining(direction), right.name)
            }
        }
        return descending ? ordered.reversed() : ordered
    }
}
