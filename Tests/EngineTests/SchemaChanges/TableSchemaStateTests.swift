import Foundation
import Postgres
import Records
import Testing

@testable import Engine

/// The schema state of a table, which decides on columns that come and go while the table is set aside.
@Suite struct TableSchemaStateTests {
    private static let name = QualifiedName(schema: "public", name: "item")

    private func announced(_ columns: [Identifier]) -> AnnouncedTable {
        AnnouncedTable(
            name: Self.name, identity: .full,
            columns: columns.map { AnnouncedTable.Column(name: $0, typeOID: 25) })
    }

    private func shape(_ columns: [Identifier]) -> TableShape {
        TableShape(
            name: Self.name,
            columns: columns.map { TableShape.Column(name: $0, typeOID: 25, typeText: "text") })
    }

    /// Differences of a table that was set aside with (id) on both sides and has had `passing` since.
    private func differences(
        latest: [Identifier], passing: [Identifier], destination: [Identifier], before: [Identifier] = ["id"]
    ) -> [SchemaDifference.Kind] {
        var state = TableSchemaState()
        state.fitted = FittedTable(announced: announced(before), shape: shape(before))
        state.latest = announced(latest)
        state.noteColumns(of: announced(passing))
        let found = SchemaFit(
            announced: announced(latest), shape: shape(destination), direction: .forward,
            before: state.fitted, start: nil
        ).differences { _ in "text" }
        return state.differences(found, shape: shape(destination), direction: .forward).map(\.kind)
    }

    @Test func `a column that came and went is needed on the destination until the table has caught up`() {
        #expect(
            differences(latest: ["id"], passing: ["id", "brief"], destination: ["id"])
                == [.columnInLogOnly("brief")])
        // It is new on the destination, and accepted at the operator's word.
        #expect(
            differences(latest: ["id"], passing: ["id", "brief"], destination: ["id", "brief"])
                == [.columnAdded("brief")])
    }

    @Test func `a column that was dropped before the table was set aside is in the way`() {
        #expect(
            differences(
                latest: ["id"], passing: ["id", "note"], destination: ["id", "note"], before: ["id", "note"])
                == [.columnDropped("note")])
        #expect(
            differences(
                latest: ["id"], passing: ["id", "note"], destination: ["id", "a note"],
                before: ["id", "a note"]) == [.columnDropped("a note"), .columnInLogOnly("note")])
    }

    @Test func `the state that an older version kept is read`() throws {
        let json = #"{"heldColumns":["id","note"]}"#
        let state = try JSONDecoder().decode(TableSchemaState.self, from: Data(json.utf8))
        #expect(state.columnsWhileSetAside == ["id", "note"] && state.latest == nil && state.fitted == nil)
        let written = String(decoding: try JSONEncoder().encode(state), as: UTF8.self)
        #expect(written == json)
    }
}
