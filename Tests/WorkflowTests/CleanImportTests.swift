import Demo
import Engine
import Foundation
import Postgres
import Records
import Testing

extension WorkflowTests {
    /// Clean starts of export and import, and the flags of the copy.
    @Suite struct CleanImportTests {
        /// Starts both roles while a lock of ours on table `entry` holds up its import, and returns when
        /// table `account` is imported. The lock ends with the session.
        private func importHalf(_ site: WorkflowSite) async throws -> (
            export: CommandRun, import: CommandRun, lock: HeldLock
        ) {
            let lock = try HeldLock(site.access(.target), table: "entry")
            let (export, `import`) = try await site.startBoth()
            try await site.waitUntil("one table is imported") { status in
                status.tables.first { $0.name.name.text == "account" }?.importedRows == 50
            }
            return (export, `import`, lock)
        }

        @Test
        func
            `a clean start of the import removes what was imported, also after damage, and imports it again`()
            async throws
        {
            try await withSite { site in
                let (_, first, lock) = try await importHalf(site)
                let running = try await site.run(
                    Manual.importData + " --start-clean true", exits: 1)
                running.expectRefusal(["--start-clean true", "process \(first.processID)", "stop"])
                first.kill()
                lock.release()
                try site.sql(
                    .target, "set session_replication_role = replica; delete from account where id < 20")
                let asked = try await site.run(Manual.importData + " --start-clean true", exits: 2)
                #expect(asked.output.contains("50 rows imported into"), "\(asked.output)")
                let clean = try site.start(Manual.importData + " --start-clean true --yes")
                try await site.waitForStreaming()
                try await site.waitUntilEqual()
                #expect(clean.output.contains("clean start: the rows of public.account"), "\(clean.output)")
                // Once the snapshot is complete it is refused, before anything is asked.
                clean.kill()
                let late = try await site.run(
                    Manual.importData + " --start-clean true --truncate-tables true", exits: 1)
                late.expectRefusal(["--start-clean true", "changes are applied", "end migration"])
                #expect(!late.output.contains("Continue"))
                try site.sql(.source, "update account set balance = 8 where id < 10")
                _ = try site.start(Manual.importData)
                try await site.waitUntilEqual()
            }
        }

        @Test
        func `rows of others are named and stay, until tables are truncated by the operator's order`()
            async throws
        {
            try await withSite { site in
                try site.sql(.target, "insert into account (id, name) values (7, 'stranger')")
                let (export, refused) = try await site.startBoth()
                #expect(try await refused.end() == 1)
                refused.expectRefusal(["public.account", "not empty", "--truncate-tables true"])
                let kept = try await site.run(Manual.importData + " --start-clean true --yes", exits: 1)
                kept.expectRefusal(["public.account", "not empty"])
                #expect(try site.sql(.target, "select count(*) from account").scalar == "1")
                _ = try site.start(Manual.importData + " --start-clean true --truncate-tables true --yes")
                try await site.waitForStreaming()
                try await site.waitUntilEqual()
                #expect(export.exitCode == nil)
            }
        }

        @Test
        func `an export that begins again after a part was imported replaces those rows, too`() async throws {
            try await withSite { site in
                let (export, `import`, lock) = try await importHalf(site)
                export.kill()
                `import`.kill()
                lock.release()
                try site.sql(
                    .source, "update account set balance = balance + 5; delete from entry where id < 9")
                let again = try site.start(Manual.exportData + " --start-clean true --yes")
                _ = try site.start(Manual.importData)
                try await site.waitForStreaming()
                try await site.waitUntilEqual()
                #expect(again.exitCode == nil)
            }
        }

        @Test(arguments: [1, 2]) func `as many chunks are imported at once as jobs were asked for`(jobs: Int)
            async throws
        {
            try await withSite { site in
                let locks = try ["account", "entry"].map { try HeldLock(site.access(.target), table: $0) }
                _ = try site.start(Manual.exportData)
                try await site.waitUntil("the snapshot is exported") { $0.capture?.state.word == .streaming }
                _ = try site.start(Manual.importData, ["NUMBER_OF_JOBS": "\(jobs)"])
                let waiting =
                    "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ilike "
                    + "'copy %' and datname = current_database()"
                try await eventually("\(jobs) copies wait") {
                    try site.sql(.target, waiting).scalar == "\(jobs)"
                }
                locks.forEach { $0.release() }
                try await site.waitForStreaming()
                try await site.waitUntilEqual()
            }
        }

        @Test
        func `keys of the config file that tune the log have their effect, and others are noted or refused`()
            async throws
        {
            try await withSite { site in
                let path = site.directory + "/config.yaml"
                try """
                export-data-from-source:
                  queue-segment-max-bytes: 1048576
                  debezium-dist-dir: /opt/debezium
                import-data-to-target:
                  max-interval-between-batches: 10
                  num-event-channels: 8
                """.write(toFile: path, atomically: true, encoding: .utf8)
                let export = try site.start(Manual.exportData + " -c \(path)")
                try await site.waitUntil("the migration begins") { _ in true }
                let refused = try await site.run(Manual.importData + " -c \(path)", exits: 1)
                refused.expectRefusal(["num-event-channels: 8", "--parallel-jobs"])
                _ = try site.start(Manual.importData)
                try await site.waitForStreaming()
                #expect(export.output.contains("Note: debezium-dist-dir has no effect"), "\(export.output)")
                for _ in 0..<6 {
                    try site.sql(
                        .source,
                        "insert into entry (account_id, amount, note) select 1, 1, repeat(md5(n::text), 100) "
                            + "from generate_series(1, 300) n")
                }
                try await site.waitUntilEqual()
                let queue = try FileManager.default.contentsOfDirectory(
                    atPath: site.exportDirectory + "/data/queue")
                #expect(queue.count { $0.hasPrefix("segment.") } > 2, "\(queue)")
            }
        }
    }
}

/// A session of an application that has locked a table, until it is released.
private final class HeldLock {
    private var session: PostgresConnection?

    init(_ access: DatabaseAccess, table: String) throws {
        let session = try PostgresConnection(access, applicationName: "holder", settings: nil)
        try session.execute("begin; lock table \(table) in share mode")
        self.session = consume session
    }

    func release() { session = nil }
}
