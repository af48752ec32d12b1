import Foundation
import GRDB
import Journal
import Records
import Testing

/// Table names that an earlier version stored without quotes, and that would be misread.
@Suite struct EarlierNamesTests {
    private typealias Counts = [QualifiedName: Int]

    private struct Record: Codable, Equatable {
        var tableHolds: [[String: QualifiedName]]
        var reshapedTables: [QualifiedName]
        var reason: String
    }

    /// A journal of before the names were rewritten, with these tables and documents.
    private func journal(
        _ directory: Directory, tables: [QualifiedName], documents: [String: String], incidentOf table: String
    ) throws -> Journal {
        _ = try Journal(exportDirectory: directory.path, create: true)
        let store = try DatabaseQueue(path: directory.path + "/metainfo/meta.db")
        try store.write { database in
            try database.execute(
                sql: "delete from grdb_migrations where identifier = 'names in quotes'")
            for table in tables {
                try database.execute(
                    sql:
                        "insert into migrated_table (schema_name, table_name, table_json) values (?, ?, "
                        + "'{}')",
                    arguments: [table.schema.text, table.name.text])
            }
            for (key, text) in documents {
                try database.execute(
                    sql: "insert into json_objects (key, json_text) values (?, ?)", arguments: [key, text])
            }
            try database.execute(
                sql: "insert into incident values (1, 7, 1, ?, 'update', '[]', '', null, '', 0, 'set aside')",
                arguments: [table])
        }
        try store.close()
        return try Journal(exportDirectory: directory.path, create: false)
    }

    @Test func `the list of the tables decides which table a name without quotes means`() throws {
        let directory = try Directory()
        let dotted = QualifiedName(schema: "eu.west", name: "depot")
        let quoted = QualifiedName(schema: "public", name: "\"odd\"")
        let plain = QualifiedName(schema: "public", name: "a.b")
        let journal = try journal(
            directory, tables: [dotted, quoted, plain],
            documents: [
                "counts": #"{"eu.west.depot":1,"public.\"odd\"":2,"public.a.b":3}"#,
                "migration_status":
                    #"{"reason":"of \"eu.west.depot\",","reshapedTables":["public.a.b","eu.west.depot"],"#
                    + #""tableHolds":[{"table":"eu.west.depot"}]}"#,
                "types_1": #"{"table":"eu.west.depot"}"#,
            ], incidentOf: "eu.west.depot")
        #expect(
            try journal.document(Counts.self, key: "counts") == [dotted: 1, quoted: 2, plain: 3])
        #expect(
            try journal.document(Record.self, key: "migration_status")
                == Record(
                    tableHolds: [["table": dotted]], reshapedTables: [plain, dotted],
                    reason: "of \"eu.west.depot\","))
        // The name of a type, which is compared with the catalog's.
        #expect(
            try journal.document([String: String].self, key: "types_1") == ["table": "eu.west.depot"])
        #expect(try journal.incidentCounts().map(\.table) == [dotted])
        // A second time nothing changes.
        let again = try Journal(exportDirectory: directory.path, create: false)
        #expect(try again.document(Counts.self, key: "counts") == [dotted: 1, quoted: 2, plain: 3])
    }

    @Test func `a name that two tables had stays as it is`() throws {
        let (first, second) = (
            QualifiedName(schema: "a.b", name: "c"), QualifiedName(schema: "a", name: "b.c")
        )
        let directory = try Directory()
        let journal = try journal(
            directory, tables: [first, second], documents: ["counts": #"{"a.b.c":1}"#],
            incidentOf: "a.b.c")
        #expect(try journal.document(Counts.self, key: "counts") == [second: 1])
    }

    @Test func `counts under a misread name are those of the table with the same text`() {
        let dotted = QualifiedName(schema: "eu.west", name: "depot")
        let other = QualifiedName(schema: "public", name: "a.b")
        let gone: QualifiedName = "public.gone"
        let counts = [
            QualifiedName(parsing: "eu.west.depot"): ChangeCounts(inserts: 1),
            dotted: ChangeCounts(inserts: 2),
            other: ChangeCounts(updates: 3), gone: ChangeCounts(deletes: 4),
        ]
        #expect(
            counts.renamed(to: [dotted, other]) == [
                dotted: ChangeCounts(inserts: 3), other: ChangeCounts(updates: 3),
                gone: ChangeCounts(deletes: 4),
            ])
    }
}
