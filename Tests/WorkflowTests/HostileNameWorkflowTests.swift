import Demo
import Engine
import Foundation
import Postgres
import Records
import Support
import Testing

extension WorkflowTests {
    /// One migration of tables and columns whose names collide, or are equal in Swift but not in PostgreSQL.
    /// It goes to the target and back, and covers all paths of a name.
    @Suite struct HostileNameMigrationTests {
        @Test
        func
            `tables and columns of hostile names are not mixed up in files, streams, reports, cutovers or when set aside`()
            async throws
        {
            try await withSite(isFilled: false) { try await HostileWalk(site: $0).run() }
        }
    }
}

private struct HostileWalk {
    let site: WorkflowSite

    static let tables =
        [
            "order lines", "order_lines", "order.lines", "order/lines", "Order Lines", "caf\u{E9}",
            "cafe\u{301}",
            "say \"x\"", "line\nend", "\u{1F44D}\u{1F3FD}",
        ].map { QualifiedName(schema: "public", name: $0) } + [
            QualifiedName(schema: "a.b", name: "c"), QualifiedName(schema: "a", name: "b.c"),
        ]
    /// The key has two columns that are equal in Swift; in another name a mark follows a quote.
    static let columns: [Identifier] = ["k\u{E9}y", "ke\u{301}y", "v.1", "\"\u{301}"]
    static let schemas = ["public", "a.b", "a"]
    static let tableSetAside = tables[2]
    static let failed = tables[6]

    private var changed: [String: String] {
        ["SOURCE_DB_SCHEMA": #"'public,"a.b",a'"#, "NUMBER_OF_JOBS": "4"]
    }

    func run() async throws {
        try makeTables()
        let lists = #"--parallel-jobs 4 --table-list 'public.*,"a.b".c,a."b.c"'"#
        let export = try site.start(Manual.exportData, changed, around: { "exec \($0) \(lists)" })
        let marker = site.exportDirectory + "/data/export_status.json"
        try await site.waitUntil("the export of the rows") { _ in
            FileManager.default.fileExists(atPath: marker)
        }
        try await refuseSwappedFiles()
        let `import` = try site.start(Manual.importData, changed)
        try await site.waitForStreaming()
        #expect(try site.status().tables.map(\.exportedRows) == expectedRows())

        try write(to: .source, round: 1)
        try await waitUntilEqual("one channel")
        let migration = try Migration(existing: site.exportDirectory)
        _ = try migration.leave(.setApplyMode(.parallel(channels: 4)), by: "test")
        try write(to: .source, round: 2)
        try await waitUntilEqual("four channels")
        try await holdAndRetry()
        try await stashAChange(migration)
        try expectCounts()

        for side in [Side.target, .source] {
            let options = CutoverOptions(to: side, prepareForFallBack: side == .target, verify: true)
            _ = try migration.leave(.initiateCutover(options), by: "test")
            try await site.waitUntil("the cutover to the \(side)", within: 90) {
                $0.phase == (side == .target ? .fallBack : .complete)
            }
            guard side == .target else { continue }
            try write(to: .target, round: 3)
            try await waitUntilEqual("the fall-back")
        }
        #expect(try differences() == [])
        for process in [export, `import`] { #expect(try await process.end() == 0, "\(process.errors)") }
    }

    private func makeTables() throws {
        for side in Side.allCases {
            try site.sql(side, "create schema \"a.b\"; create schema a")
            for table in Self.tables {
                let names = Self.columns.map { quoteIdentifier($0) }
                try site.sql(
                    side,
                    "create table \(table.quoted) (\(names[0]) int, \(names[1]) int, \(names[2]) text, "
                        + "\(names[3]) text, "
                        + "primary key (\(names[1]), \(names[0])))")
            }
        }
        for (number, table) in Self.tables.enumerated() {
            try site.sql(
                .source,
                "insert into \(table.quoted) select n, \(number), 'of \(number)', null from "
                    + "generate_series(1, \(number + 2)) n"
            )
        }
    }

    /// Returns the tables in the order of their names, as the status lists them.
    private func expectedRows() -> [Int64] {
        Self.tables.enumerated().sorted { $0.element < $1.element }.map { Int64($0.offset + 2) }
    }

    private func refuseSwappedFiles() async throws {
        let folder = site.exportDirectory + "/data/"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            $0.hasSuffix("_data.sql")
        }
        #expect(files.count == Self.tables.count)
        let mine = try #require(files.first { $0.hasPrefix("public.order%20lines.") })
        let other = try #require(files.first { $0.hasPrefix("public.order_lines.") })
        func swap() throws {
            try FileManager.default.moveItem(atPath: folder + mine, toPath: folder + "swap")
            try FileManager.default.moveItem(atPath: folder + other, toPath: folder + mine)
            try FileManager.default.moveItem(atPath: folder + "swap", toPath: folder + other)
        }
        try swap()
        let refused = try await site.run(Manual.importData, changed, exits: 1)
        #expect(refused.errors.contains("it contains what was exported of public.order"), "\(refused.errors)")
        try swap()
    }

    /// Makes two inserts, an update and a delete in each table.
    private func write(to side: Side, round: Int) throws {
        for (number, table) in Self.tables.enumerated() {
            let names = Self.columns.map { quoteIdentifier($0) }
            let list = names.joined(separator: ", ")
            let first = round * 1000
            try site.sql(
                side,
                """
                insert into \(table.quoted) (\(list)) values (\(first), \(number), 'new', 'x'), (\(first + 1), \(number), null, 'y');
                update \(table.quoted) set \(names[2]) = 'round \(round)', \(names[3]) = 'z' where \(names[0]) = \(first);
                delete from \(table.quoted) where \(names[0]) = \(first + 1);
                """)
        }
    }

    private func note(_ table: QualifiedName) throws -> TableNote? {
        try site.status().tables.first { $0.name == table }?.note
    }

    /// Adds a column: the table is set aside, and continues when the destination has the column and the
    /// operator retries it.
    private func holdAndRetry() async throws {
        let column =
            "alter table \(Self.tableSetAside.quoted) add column \"n\u{E9}\" text, add column "
            + "\"ne\u{301}\" text"
        try site.sql(.source, column)
        try site.sql(
            .source, "insert into \(Self.tableSetAside.quoted) values (5000, 2, 'wide', null, 'one', 'other')"
        )
        try await eventually("the table is set aside", within: 30) {
            try note(Self.tableSetAside)?.word == .setAside
        }
        #expect(try site.status().tables.filter { $0.note != nil }.map(\.name) == [Self.tableSetAside])
        let another = try await site.run(
            "yb-voyager retry table --export-dir <EXPORT_DIR> 'public.order_lines'", changed, exits: nil)
        #expect(another.errors.contains("public.order_lines is not set aside"), "\(another.errors)")
        try site.sql(.target, column)
        if try note(Self.tableSetAside) != nil {
            try await site.run(
                "yb-voyager retry table --export-dir <EXPORT_DIR> '\(Self.tableSetAside.quoted)'", changed,
                exits: nil)
        }
        try await eventually("the table is applied again", within: 30) { try note(Self.tableSetAside) == nil }
        try await waitUntilEqual("the table that was set aside")
    }

    /// Makes a change without a matching row: it is stashed under its table's name.
    private func stashAChange(_ migration: Migration) async throws {
        _ = try migration.leave(.setErrorPolicy(IncidentRules(policy: .stash)), by: "test")
        let names = Self.columns.map { quoteIdentifier($0) }
        let row = "where \(names[0]) = 1"
        try site.sql(.target, "delete from \(Self.failed.quoted) \(row)")
        try site.sql(.source, "update \(Self.failed.quoted) set \(names[2]) = 'aside' \(row)")
        try await eventually("the incident", within: 30) { try !migration.incidents(limit: 9).isEmpty }
        let incidents = try migration.incidents(limit: 9)
        #expect(incidents.map(\.table) == [Self.failed])
        #expect(incidents.first?.key.map(\.column) == [Self.columns[0], Self.columns[1]])
        let file = try String(
            contentsOfFile: site.exportDirectory + "/data/errors/leg-1.jsonl", encoding: .utf8)
        #expect(file.contains(#""table":"public.U&\"cafe\\0301\"""#), "\(file)")
        try site.sql(.target, "insert into \(Self.failed.quoted) values (1, 6, 'aside', null)")
        try await waitUntilEqual("the mended table")
    }

    private func expectCounts() throws {
        let status = try site.status()
        #expect(status.tables.map(\.name) == Self.tables.sorted())
        for table in status.tables {
            let more: Int64 = table.name == Self.tableSetAside ? 1 : 0
            let counts = ChangeCounts(inserts: 4 + more, updates: 2, deletes: 2)
            let failed: Int64 = table.name == Self.failed ? 1 : 0
            #expect(table.exported[.forward] == counts + ChangeCounts(updates: failed), "\(table.name)")
            #expect(table.imported[.forward] == counts, "\(table.name)")
            #expect(table.incidents[.forward]?.stashed ?? 0 == failed, "\(table.name)")
        }
    }

    private func differences() throws -> [String] {
        try compareDatabases(
            source: site.access(.source), target: site.access(.target), schemas: Self.schemas
        )
        .tables.compactMap(\.difference)
    }

    private func waitUntilEqual(_ what: String) async throws {
        try await site.waitUntil("equal tables: \(what)", within: 60) { _ in try differences().isEmpty }
    }
}
