import Foundation
import Records
import Testing

@testable import Engine

/// A table that is set aside, as the journal keeps it, and when it is released.
@Suite struct SetAsideTableTests {
    private static let name = QualifiedName(schema: "public", name: "item")

    private func table(_ cause: SetAsideTable.Cause) -> SetAsideTable {
        SetAsideTable(
            table: Self.name, leg: 1, cause: cause, reason: "why", remedy: "do", since: 5, partitions: 2)
    }

    private func difference(_ kind: SchemaDifference.Kind) -> [SchemaDifference] {
        [SchemaDifference(kind, table: Self.name, direction: .forward)]
    }

    @Test func `a table that an older version set aside is read`() throws {
        let json = """
            {"cause":"partition","isReleased":false,"isRetryAsked":false,"leg":1,"parts":2,"reason":"why",
             "remedy":"do","since":5,"table":"public.item"}
            """
        #expect(
            try JSONDecoder().decode(SetAsideTable.self, from: Data(json.utf8)) == table(.partition))
        let written = try JSONEncoder().encode(table(.partition))
        #expect(String(decoding: written, as: UTF8.self).contains(#""parts":2"#))
    }

    @Test func `a table that did not fit is released when it fits, or at the operator's word if it can be`() {
        var shape = table(.shape)
        #expect(shape.isOver([], partitions: 0))
        #expect(!shape.isOver(difference(.columnDropped("v")), partitions: 0))
        shape.isRetryAsked = true
        #expect(shape.isOver(difference(.columnDropped("v")), partitions: 0))
        #expect(!shape.isOver(difference(.columnGenerated("v")), partitions: 0))
    }

    @Test func `a table without a partition for a row is released when its partitions change`() {
        var table = table(.partition)
        #expect(!table.isOver([], partitions: 2))
        #expect(table.isOver([], partitions: 3))
        #expect(!table.isOver(difference(.tableMissing(wasThere: true)), partitions: nil))
        table.isRetryAsked = true
        #expect(table.isOver([], partitions: 2))
    }

    @Test func `a table whose rows changed unseen is released at the operator's word alone`() {
        var table = table(.unseen)
        #expect(!table.isOver([], partitions: 3))
        table.isRetryAsked = true
        #expect(table.isOver([], partitions: 2))
    }
}
