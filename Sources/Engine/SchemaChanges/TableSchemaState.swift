import Journal
import Postgres
import Records

/// What is kept of a table across restarts.
struct TableSchemaState: Codable, Equatable {
    /// As changes were applied last.
    var fitted: FittedTable?
    /// As it was announced last, applied or not.
    var latest: AnnouncedTable?
    /// All columns announced since the hold began.
    var heldColumns: [Identifier] = []

    /// Notes the columns a table has while it is held.
    mutating func noteHeldColumns(of announced: AnnouncedTable) {
        heldColumns = Array(Set(heldColumns + announced.columns.map(\.name))).sorted()
    }

    /// What is in the way of the table as it was announced last, with regard to what came and went while it was held; `found`
    /// is without that.
    func differences(_ found: [SchemaDifference], shape: TableShape, origin: Side) -> [SchemaDifference] {
        guard let latest else { return found }
        // A column that came and went while the table was held: its values are in the log all the same.
        let passing = heldColumns.filter { latest.column($0) == nil && shape.column($0) == nil }.map {
            column in
            SchemaDifference(
                words: "the \(origin.rawValue) had column \(column) for a while",
                remedy: "add column \(quoteIdentifier(column)) until the table has caught up",
                isHard: true)
        }
        return (found + passing).filter { difference in
            difference.isHard
                || !heldColumns.contains { column in
                    latest.column(column) == nil
                        && difference.words.hasSuffix("no longer has column \(column)")
                        && fitted?.announced.column(column) == nil
                }
        }
    }
}

/// The memories of a leg's tables; what is kept is durable when the call returns.
final class TableSchemaStates {
    private let journal: Journal
    private let leg: Leg
    /// Those that were asked for since the start.
    private(set) var known: [QualifiedName: TableSchemaState] = [:]

    init(journal: Journal, leg: Leg) {
        self.journal = journal
        self.leg = leg
    }

    private func key(_ name: QualifiedName) -> String { "table_\(leg.number)_\(name)" }

    func state(of name: QualifiedName) throws -> TableSchemaState {
        if let known = known[name] { return known }
        let memory =
            try journal.document(TableSchemaState.self, key: key(name)) ?? earlierMemory(of: name) ?? TableSchemaState()
        known[name] = memory
        return memory
    }

    /// What an earlier version kept, under a key that another table might have had, too.
    private func earlierMemory(of name: QualifiedName) throws -> TableSchemaState? {
        let key = "table_\(leg.number)_\(name.schema.text).\(name.name.text)"
        guard key != self.key(name), let memory = try journal.document(TableSchemaState.self, key: key) else {
            return nil
        }
        return (memory.latest ?? memory.fitted?.announced)?.name == name ? memory : nil
    }

    func keep(_ memory: TableSchemaState, of name: QualifiedName) throws {
        guard known[name] != memory else { return }
        try journal.update(TableSchemaState.self, key: key(name), initial: memory) { $0 = memory }
        known[name] = memory
    }
}
