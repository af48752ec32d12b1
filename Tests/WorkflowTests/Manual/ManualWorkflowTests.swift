import Demo
import Engine
import Foundation
import Postgres
import Records
import Support
import Testing

extension WorkflowTests {
    /// The manual's page from the first command to the last, with the shop as the database.
    @Suite struct ManualWorkflowTests {
        @Test func `the manual's own command lines carry a live migration there, back, and to its end`()
            async throws
        {
            let servers = try #require(Servers.current)
            let shop = Shop()
            try shop.prepare(servers.source)
            try shop.load(into: servers.source, rows: 2000)
            try await withSite(database: Shop.database) { site in
                try await Walk(site: site, shop: shop).run()
            }
        }
    }
}

/// The steps of the manual's page.
private struct Walk {
    let site: WorkflowSite
    let shop: Shop
    let sourcePassword = "source-" + UUID().uuidString
    let targetPassword = "target-" + UUID().uuidString

    private var changed: [String: String] {
        [
            "SOURCE_DB_USER": "ybvoyager", "SOURCE_DB_PASSWORD": sourcePassword,
            "TARGET_DB_USER": "ybvoyager",
            "TARGET_DB_PASSWORD": targetPassword,
        ]
    }

    func run() async throws {
        try await prepare()
        try await site.run(Manual.exportSchema, changed)
        #expect(FileManager.default.fileExists(atPath: site.exportDirectory + "/schema/tables/table.sql"))
        let analysis = try await site.run(Manual.analyzeSchema, changed)
        #expect(analysis.output.contains(site.exportDirectory + "/reports/schema_analysis_report.html"))
        try await site.run(Manual.importSchema, changed)

        var export = try site.start(Manual.exportData, changed)
        try write(to: .source, round: 1)
        let `import` = try site.start(Manual.importData, changed)
        try await site.waitForStreaming()
        try write(to: .source, round: 2)
        try await site.run(Manual.importIndexes, changed)
        try await site.run(Manual.importIndexesAgain, changed)
        let archive = try site.start(Manual.archiveChanges, changed)
        let report = try await site.run(Manual.report, changed)
        #expect(report.output.contains("order_line"))
        try await site.waitUntilEqual()
        try expectNoPasswords(in: [export, `import`, archive])

        try await cutOver(Manual.cutoverToTarget, row: "source → target")
        #expect(try site.differences() == [])
        // The two processes exchange their roles by themselves.
        #expect(export.exitCode == nil)
        #expect(`import`.exitCode == nil)
        try await site.waitUntil("both roles of the fall-back stream") {
            $0.capture?.direction == .reverse && $0.apply?.direction == .reverse
                && $0.capture?.state.word == .streaming && $0.apply?.state.word == .streaming
        }
        export = try restart(export, "import data to source")
        #expect(
            `import`.output.contains(
                "switchback export data from target --export-dir \(site.exportDirectory)"))
        try write(to: .target, round: 3)
        try await site.waitUntilEqual()
        try await site.run(Manual.report, changed)
        try expectNoPasswords(in: [export, `import`, archive])
        #expect(archive.exitCode == nil)

        try await cutOver(Manual.cutoverToSource, row: "target → source")
        for process in [export, `import`, archive] {
            #expect(try await process.end() == 0, "\(process.line)\n\(process.output)\n\(process.errors)")
            #expect(process.errors.isEmpty, "\(process.errors)")
        }
        #expect(try site.differences() == [])
        #expect(try compare().differences(readyFor: .source) == [])
        let archived = try FileManager.default.contentsOfDirectory(atPath: site.directory + "/archive")
        #expect(archived.contains { $0.hasPrefix("segment.") })
        try write(to: .source, round: 4)
        try expectNoPasswords(in: [])

        try await end()
        let version = try await site.run("yb-voyager version")
        #expect(version.output.hasPrefix("VERSION="))
        try expectNoPasswords(in: [])
    }

    /// "Prepare the source database" and "Prepare the target database".
    private func prepare() async throws {
        let script = try commandLine(
            Manual.prepareSource,
            [
                "SCHEMA_LIST": "'public'", "PASSWORD": sourcePassword, "ORIGINAL_OWNER": Shop.role,
                "DATABASE_NAME": Shop.database,
            ])
        try (script + "\n").write(toFile: site.directory + "/prepare.sql", atomically: true, encoding: .utf8)
        let source = site.servers.source
        let psql = try CommandRun(
            "exec psql -X -q -v ON_ERROR_STOP=1 -h \(source.address) -p \(source.port) -U postgres -d "
                + "\(Shop.database) "
                + "-f \(site.directory)/prepare.sql", in: site.directory,
            environment: ["PGPASSWORD": source.password])
        #expect(try await psql.end() == 0, "\(psql.errors)")
        try FileManager.default.removeItem(atPath: site.directory + "/prepare.sql")
        // PostgreSQL 15's grant that lets the role write without firing triggers. The page does not mention
        // sequences without a table, which must be set when the application returns.
        try site.sql(.source, "grant set on parameter session_replication_role to ybvoyager")
        try site.sql(.source, "grant update on all sequences in schema public to ybvoyager")
        let target = try PostgresConnection(site.servers.target.access(), applicationName: "test")
        try target.execute("create database \(Shop.database)")
        try target.execute("create user ybvoyager superuser password '\(targetPassword)'")
    }

    /// The writes of an application in a few transactions.
    private func write(to side: Side, round: Int) throws {
        try site.sql(
            side,
            """
            begin;
            insert into customer (email, name) select 'round\(round)-' || n || '@shop.example', 'Round \(round) ' || n
                from generate_series(1, 20) n;
            insert into "order" (customer_id, status, invoice_number)
                select id, 'new', nextval('invoice_number') from customer where email like 'round\(round)-%';
            insert into order_line (order_id, line_number, product_id, quantity, unit_price)
                select o.id, 1, (select min(id) from product), 2, 9.99
                from "order" o join customer c on c.id = o.customer_id where c.email like 'round\(round)-%';
            commit;
            update product set price = price + 0.01 where id <= 10;
            update "order" set status = 'paid', "group" = 'round \(round)' where status = 'new';
            delete from wish where customer_id % 7 = \(round);
            insert into page_view (product_id, path, viewed_at) select \(round), '/same', localtimestamp(3)
                from generate_series(1, 3);
            insert into "Measurement" ("Id", "Value", document) values (gen_random_uuid(), 'NaN', '{"round": \(round)}');
            insert into ledger_entry (transaction_id, kind, effects, ticket)
                values (\(round), 'round', 'none', nextval('ticket_number'));
            update stock_movement set moved_on = moved_on + 200 where id % 50 = \(round);
            """)
    }

    /// Kills a process, and starts the command line that it printed for its new role.
    private func restart(_ process: CommandRun, _ verb: String) throws -> CommandRun {
        let line = try #require(
            process.output.split(separator: "\n").map(String.init).last {
                $0.contains(" \(verb) --export-dir \(site.exportDirectory)")
            }, "\(process.output)")
        process.kill()
        return try site.start(line, environment: ["SOURCE_DB_PASSWORD": sourcePassword])
    }

    /// Initiates a cutover, answers its question, and polls its status as a script would until it has
    /// completed.
    private func cutOver(_ command: String, row: String) async throws {
        let initiate = try site.start(command, changed, around: { "echo y | " + $0 })
        #expect(try await initiate.end() == 0, "\(initiate.output)\n\(initiate.errors)")
        var answer = ""
        try await eventually("the cutover \(row) to be COMPLETED, it is \(answer)", within: 60) {
            let poll = try site.start(Manual.cutoverStatus, changed) {
                $0 + #" | grep "\#(row)" | awk -F'|' '{print $2}' | tr -d '[:blank:]'"#
            }
            while poll.exitCode == nil { usleep(10_000) }
            answer = poll.output
            #expect(["INITIATED\n", "COMPLETED\n"].contains(answer), "\(poll.errors)")
            guard answer.hasPrefix("ABORTED") == false else {
                throw WaitedTooLong(description: "\(try site.status().cutovers)")
            }
            return answer == "COMPLETED\n"
        }
    }

    private func end() async throws {
        let passwords = ["SOURCE_DB_PASSWORD": sourcePassword, "TARGET_DB_PASSWORD": targetPassword]
        var given = changed
        given["true, false, yes, no, 1, 0"] = "yes"
        // The verb asks; a script with a closed input must pass --yes.
        let asked = try await site.run(Manual.endMigration, given, environment: passwords, exits: 2)
        #expect(asked.errors.contains("--yes"))
        #expect(try site.status().phase == .complete)
        let ended = try site.start(
            Manual.endMigration, given, environment: passwords, around: { "exec \($0) --yes" })
        #expect(try await ended.end() == 0, "\(ended.output)\n\(ended.errors)")
        #expect(ended.output.contains("Ended migration successfully"))
        // Repeated, it is done.
        let twice = try await site.run(Manual.endMigration, given, environment: passwords)
        #expect(twice.output.contains("Ended migration successfully"))
        for side in Side.allCases {
            let left = try site.sql(
                side,
                "select slot_name::text from pg_replication_slots union all select pubname::text from "
                    + "pg_publication "
                    + "union all select nspname::text from pg_namespace where nspname = 'ybvoyager_metadata'")
            #expect(left.rows == [], "on the \(side.rawValue)")
        }
        let saved = try FileManager.default.contentsOfDirectory(atPath: site.directory + "/backup").sorted()
        #expect(saved == ["data", "logs", "reports", "schema"])
        let again = try await site.run(Manual.exportData, changed, exits: 1)
        #expect(again.errors.contains("ended"))
    }

    private func compare() throws -> DatabaseComparison {
        try compareDatabases(
            source: site.access(.source), target: site.access(.target), schemas: Shop.schemas)
    }

    /// Checks that no password is in the process list or in a file of the migration.
    private func expectNoPasswords(in runs: [CommandRun], sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        let secrets = [sourcePassword, targetPassword].map { Data($0.utf8) }
        for run in runs {
            let shown = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(run.processID)/cmdline"))
            #expect(shown.range(of: Data("switchback".utf8)) != nil, sourceLocation: sourceLocation)
            for secret in secrets {
                #expect(shown.range(of: secret) == nil, "\(run.line)", sourceLocation: sourceLocation)
                #expect(Data(run.output.utf8).range(of: secret) == nil, sourceLocation: sourceLocation)
            }
        }
        var files = 0
        for folder in [site.exportDirectory, site.directory + "/backup", site.directory + "/archive"] {
            let paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
            for path in paths {
                // A folder has no contents, and a file may disappear while the processes run.
                guard let bytes = FileManager.default.contents(atPath: folder + "/" + path) else { continue }
                files += 1
                for secret in secrets {
                    #expect(
                        bytes.range(of: secret) == nil, "\(folder)/\(path)", sourceLocation: sourceLocation)
                }
            }
        }
        #expect(files > 5, sourceLocation: sourceLocation)
    }
}
