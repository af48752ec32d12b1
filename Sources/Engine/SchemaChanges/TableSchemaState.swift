import Journal
import Records

/// The schema of a table as the apply role knows it; it is kept across restarts.
struct TableSchemaState: Codable, Equatable {
    /// Both tables when changes were last applied.
    var fitted: FittedTable?
    /// The table as it was last announced, applied or not.
    var latest: AnnouncedTable?
    /// All columns announced since the table was set aside.
    var columnsWhileSetAside: [Identifier] = []

    /// The names under which journals of older versions have them.
    private enum CodingKeys: String, CodingKey {
        case fitted, latest
        case columnsWhileSetAside = "heldColumns"
    }

    /// Notes the columns that a table has while it is set aside.
    mutating func noteColumns(of announced: AnnouncedTable) {
        columnsWhileSetAside = Array(Set(columnsWhileSetAside + announced.columns.map(\.name))).sorted()
    }

    /// Returns the differences of the table as it was last announced, including columns that existed only
    /// while it was set aside.
    ///
    /// - Parameter found: the differences without regard to those columns
    func differences(_ found: [SchemaDifference], shape: TableShape, direction: Direction)
        -> [SchemaDifference]
    {
        guard let latest else { return found }
        // The log has values of such a column.
        let passing = columnsWhileSetAside.filter { latest.column($0) == nil && shape.column($0) == nil }
            .map { SchemaDifference(.columnInLogOnly($0), table: shape.name, direction: direction) }
        return (found + passing).filter { difference in
            guard case .columnDropped(let column) = difference.kind else { return true }
            // The destination has it so that the table can catch up.
            return !columnsWhileSetAside.contains(column) || latest.column(column) != nil
                || fitted?.announced.column(column) != nil
        }
    }
}

/// The schema states of a leg's tables. A state is durable when `keep` returns.
final class TableSchemaStates {
    private let journal: Journal
    private let leg: Leg
    /// States that were read or kept since the start.
    private(set) var known: [QualifiedName: TableSchemaState] = [:]

    init(journal: Journal, leg: Leg) {
        self.journal = journal
        self.leg = leg
    }

    private func key(_ name: QualifiedName) -> String { "table_\(leg.number)_\(name)" }

    func state(of name: QualifiedName) throws -> TableSchemaState {
        if let known = known[name] { return known }
        let state =
            try journal.document(TableSchemaState.self, key: key(name)) ?? stateOfEarlierVersion(of: name)
            ?? TableSchemaState()
        known[name] = state
        return state
    }

    /// Reads what an earlier version stored under a key that another table could also have.
    private func stateOfEarlierVersion(of name: QualifiedName) throws -> TableSchemaState? {
        let key = "table_\(leg.number)_\(name.schema.text).\(name.name.text)"
        guard key != self.key(name), let state = try journal.document(TableSchemaState.self, key: key) else {
            return nil
        }
        return (state.latest ?? state.fitted?.announced)?.name == name ? state : nil
    }

    func keep(_ state: TableSchemaState, of name: QualifiedName) throws {
        guard known[name] != state else { return }
        try journal.update(TableSchemaState.self, key: key(name), initial: state) { $0 = state }
        known[name] = state
    }
}
