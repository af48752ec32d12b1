import Foundation
import Journal
import Postgres
import PostgresPorts
import Records
import Support
import Testing

@testable import Engine

/// A way in which a change cannot be applied: what was done to the destination beforehand, the change on the
/// origin, and what the operator does about it.
struct IncidentKind: Sendable, CustomStringConvertible {
    let description: String
    /// SQL for the destination, beforehand.
    let trouble: String
    /// SQL for the origin.
    let change: String
    /// SQL for the destination that mends the cause.
    let mend: String
    let operation: Incident.Operation
    let key: String
    let reason: String

    static let tables = """
        create type mood as enum ('fine');
        create table item (id int primary key, v text, n int, m mood);
        create table twin (id int primary key, v text);
        create table other (id int primary key, v text);
        insert into item select i, 'old', i, 'fine' from generate_series(1, 20) i;
        insert into twin values (1, 'old');
        """

    static let all: [IncidentKind] = [
        IncidentKind(
            description: "an update that meets no row", trouble: "delete from item where id = 1",
            change: "update item set v = 'secret' where id = 1",
            mend: "insert into item values (1, 'old', 1, 'fine')", operation: .update, key: "id=1",
            reason: "the row it changes is not there"),
        IncidentKind(
            description: "a delete that meets no row", trouble: "delete from item where id = 2",
            change: "delete from item where id = 2", mend: "insert into item values (2, 'old', 2, 'fine')",
            operation: .delete, key: "id=2", reason: "the row it changes is not there"),
        IncidentKind(
            description: "an insert that meets its row", trouble: "insert into item values (50, 'there', 1)",
            change: "insert into item values (50, 'secret', 1)", mend: "delete from item where id = 50",
            operation: .insert, key: "id=50", reason: "duplicate key"),
        IncidentKind(
            description: "a constraint of the destination",
            trouble: "alter table item add constraint small check (n < 1000)",
            change: "insert into item values (51, 'secret', 5000)",
            mend: "alter table item drop constraint small", operation: .insert, key: "id=51",
            reason: "small"),
        IncidentKind(
            description: "a value the destination refuses", trouble: "select 1",
            change: "insert into item values (52, 'secret', 1, 'odd')",
            mend: "alter type mood add value if not exists 'odd'", operation: .insert, key: "id=52",
            reason: "[SQLSTATE 22P02]"),
        IncidentKind(
            description: "an update that meets two rows",
            trouble: "insert into twin values (1, 'old')",
            change: "update twin set v = 'secret' where id = 1",
            mend: "delete from twin where ctid = (select max(ctid) from twin)", operation: .update,
            key: "id=1", reason: "it met 2 rows instead of one"),
    ]
}

extension ServerSuites {
    @Suite(.serialized) struct IncidentTests {
        /// Runs the body on a live migration in this direction.
        private func live(
            _ direction: Direction, _ mode: ApplyMode = .transactional, _ body: (Site) async throws -> Void
        ) async throws {
            try await withSite(IncidentKind.tables) { site in
                try site.write(.target, "truncate item, twin")
                // The destination has never had this key, so that its absence is no schema change.
                try site.connect(direction.destination).execute(
                    "alter table twin drop constraint twin_pkey; alter table twin replica identity full")
                try await site.goLive(mode)
                if direction == .reverse {
                    try site.cutover(to: .target, waiving: Site.equality)
                    try await site.awaitFallBack()
                }
                // The destination's type does not have this value.
                try site.connect(direction.origin).execute("alter type mood add value 'odd'")
                try await body(site)
            }
        }

        private func incidents(_ site: Site) throws -> [Incident] {
            try site.migration.incidents(limit: 10_000).reversed()
        }

        private func errorLines(_ site: Site, leg: Int) throws -> [ErrorLine] {
            try String(contentsOfFile: "\(site.directory)/data/errors/leg-\(leg).jsonl", encoding: .utf8)
                .split(separator: "\n").map { try JSONDecoder().decode(ErrorLine.self, from: Data($0.utf8)) }
        }

        private func setPolicy(_ site: Site, _ policy: IncidentPolicy, max: Int = 10_000) throws {
            _ = try site.migration.leave(
                .setErrorPolicy(IncidentRules(policy: policy, incidentsMax: max)), by: "test")
        }

        private func awaitIncidents(_ site: Site, _ count: Int, _ handling: Incident.Handling) async throws {
            do {
                try await eventually("\(count) incidents \(handling.rawValue)", within: 60) {
                    try site.migration.journal.incidentCounts().filter { $0.handling == handling.rawValue }
                        .reduce(0) { $0 + $1.count } == count
                }
            } catch { throw Site.Trouble(description: "\(error): \(try site.trouble())") }
        }

        @Test(arguments: Direction.allCases, ApplyMode.both)
        func
            `every change that cannot be applied is stashed with table, key and reason, and all else arrives`(
                direction: Direction, mode: ApplyMode
            ) async throws
        {
            try await live(direction, mode) { site in
                let (origin, destination) = (direction.origin, direction.destination)
                let leg = direction == .forward ? 1 : 2
                try setPolicy(site, .stash)
                for kind in IncidentKind.all { try site.write(destination, kind.trouble) }
                for (number, kind) in IncidentKind.all.enumerated() {
                    // The changes before and after it in its transaction are applied.
                    try site.connect(origin).execute(
                        "begin; insert into other values (\(number * 2), 'before'); \(kind.change); "
                            + "insert into other values (\(number * 2 + 1), 'after'); commit")
                }
                let differences = try await site.differences(direction)
                try await awaitIncidents(site, IncidentKind.all.count, .stashed)
                let found = try incidents(site)
                #expect(found.map(\.operation) == IncidentKind.all.map(\.operation))
                #expect(found.map(\.keyText) == IncidentKind.all.map(\.key))
                #expect(found.allSatisfy { $0.change == 2 && $0.leg == leg && $0.handling == .stashed })
                for (incident, kind) in zip(found, IncidentKind.all) {
                    #expect(incident.reason.contains(kind.reason), "\(kind): \(incident.reason)")
                }
                #expect(try site.value(destination, "select count(*) from other") == "12")
                #expect(differences.allSatisfy { $0.contains("item") || $0.contains("twin") })
                // Nothing remains, and stashed changes do not count as applied.
                try await eventually("nothing remains") { try site.migration.status().remainingEvents == 0 }
                let status = try site.migration.status()
                #expect(status.incidents(direction) == IncidentCounts(stashed: 6))
                let twin = try #require(status.tables.first { $0.name.name == "twin" })
                #expect(twin.incidents[direction]?.stashed == 1 && twin.imported[direction]?.updates == 0)
                // The file has each change once, only its owner may read it, and it runs when the cause is
                // mended.
                let lines = try errorLines(site, leg: leg)
                #expect(lines.map(\.commitLSN) == found.map(\.commitLSN.description))
                let file = try FileManager.default.attributesOfItem(
                    atPath: "\(site.directory)/data/errors/leg-\(leg).jsonl")
                #expect(file[.posixPermissions] as? Int == 0o600)
                for kind in IncidentKind.all { try site.write(destination, kind.mend) }
                for line in lines { try site.write(destination, line.sql) }
                #expect(try await site.differences(direction) == [])
                // No value and no key is in the log file.
                let said = try site.migration.events(after: 0, limit: 1000).map(\.message).joined()
                #expect(!said.contains("secret") && !said.contains("id=1"))
            }
        }

        @Test(arguments: Direction.allCases, ApplyMode.both)
        func `every change that cannot be applied stops the apply, is kept once, and is applied when mended`(
            direction: Direction, mode: ApplyMode
        ) async throws {
            try await live(direction, mode) { site in
                for (number, kind) in IncidentKind.all.enumerated() {
                    try site.write(direction.destination, kind.trouble)
                    try site.connect(direction.origin).execute(
                        "begin; insert into other values (\(number), 'beside'); \(kind.change); commit")
                    try await awaitIncidents(site, 1, .stopped)
                    let incident = try #require(try incidents(site).last)
                    #expect(incident.keyText == kind.key && incident.reason.contains(kind.reason), "\(kind)")
                    // Rolled back as a whole, and met again without being kept twice; other channels may have
                    // their part.
                    if mode == .transactional {
                        #expect(
                            try site.value(
                                direction.destination, "select count(*) from other where id = \(number)")
                                == "0")
                    }
                    if number == 0 {
                        _ = try site.migration.leave(.resume, by: "test")
                        try await eventually("a second stop") {
                            try site.migration.events(after: 0, limit: 1000).filter {
                                $0.level == .error && $0.message.contains("cannot be applied to public.item")
                            }.count >= 2
                        }
                        #expect(try incidents(site).count == 1)
                    }
                    try site.write(direction.destination, kind.mend)
                    _ = try site.migration.leave(.resume, by: "test")
                    try await awaitIncidents(site, number + 1, .mended)
                }
                #expect(try await site.differences(direction) == [])
                #expect(try site.migration.status().incidents(direction) == IncidentCounts(mended: 6))
            }
        }

        /// A unique constraint would not do: a deferred one is checked by a trigger, which does not fire for
        /// a session that replicates.
        private static let deferredCheck = """
            create function twice() returns trigger language plpgsql as $$
            begin
                if (select count(*) from item where n = new.n) > 1 then
                    raise exception 'there twice' using errcode = '23505', table = 'item', constraint = \
                    'once';
                end if;
                return null;
            end $$;
            create constraint trigger once after insert or update on item deferrable initially deferred
                for each row execute function twice();
            alter table item enable always trigger once;
            """

        @Test(arguments: Direction.allCases, IncidentPolicy.allCases)
        func `a constraint that is checked at the commit names the change that violates it`(
            direction: Direction, policy: IncidentPolicy
        ) async throws {
            try await live(direction) { site in
                let (origin, destination) = (direction.origin, direction.destination)
                try setPolicy(site, policy)
                try site.write(destination, Self.deferredCheck)
                // Inside a transaction the constraint may be violated.
                try site.connect(origin).execute(
                    "begin; update item set n = 2 where id = 1; update item set n = 1 where id = 2; commit")
                #expect(try await site.differences(direction) == [])
                try site.connect(origin).execute(
                    "begin; insert into other values (0, 'before'); insert into item values (60, "
                        + "'secret', 5); "
                        + "insert into other values (1, 'after'); commit; insert into other values (2, "
                        + "'later')"
                )
                try await awaitIncidents(site, 1, policy == .stop ? .stopped : .stashed)
                let incident = try #require(try incidents(site).last)
                #expect(incident.table == "public.item" && incident.keyText == "id=60")
                #expect(
                    incident.operation == .insert && incident.constraint == "once" && incident.change == 2)
                switch policy {
                case .stop:
                    #expect(try site.value(destination, "select count(*) from other") == "0")
                    try site.write(destination, "drop trigger once on item")
                    _ = try site.migration.leave(.resume, by: "test")
                    try await awaitIncidents(site, 1, .mended)
                    #expect(try await site.differences(direction) == [])
                case .stash:
                    let differences = try await site.differences(direction)
                    #expect(!differences.isEmpty && differences.allSatisfy { $0.contains("public.item") })
                    #expect(try site.value(destination, "select count(*) from other") == "3")
                }
            }
        }

        @Test func `an apply that stopped at an incident continues when the policy becomes stash`()
            async throws
        {
            try await live(.forward) { site in
                try site.write(.target, "delete from item where id = 1")
                try site.connect(.source).execute("update item set v = 'x' where id = 1")
                try await awaitIncidents(site, 1, .stopped)
                try setPolicy(site, .stash)
                #expect(try await site.differences().first?.hasPrefix("public.item") == true)
                try await awaitIncidents(site, 1, .stashed)
                #expect(try incidents(site).count == 1)
            }
        }

        @Test
        func `three thousand incidents in one transaction are stashed, each once, and no other change`()
            async throws
        {
            try await live(.forward) { site in
                try setPolicy(site, .stash)
                try site.connect(.source).execute(
                    "insert into item select i, 'old', 1 from generate_series(1001, 7000) i")
                #expect(try await site.differences() == [])
                try site.write(.target, "delete from item where id > 1000 and id % 2 = 0")
                try site.connect(.source).execute("update item set v = 'new' where id > 1000")
                _ = try await site.differences()
                try await awaitIncidents(site, 3000, .stashed)
                #expect(try site.value(.target, "select count(*) from item where v = 'new'") == "3000")
                let lines = try errorLines(site, leg: 1)
                #expect(Set(lines.map(\.change)).count == 3000 && Set(lines.map(\.commitLSN)).count == 1)
                #expect(Set(lines.compactMap { $0.key["id"] ?? nil }).count == 3000)
            }
        }

        @Test
        func `at its bound the apply stops whatever the policy, and continues when the bound is raised`()
            async throws
        {
            try await live(.forward) { site in
                try setPolicy(site, .stash, max: 5)
                try site.write(.target, "delete from item")
                for id in 1...8 {
                    try site.connect(.source).execute("update item set v = 'x' where id = \(id)")
                }
                try await awaitIncidents(site, 1, .stopped)
                try await awaitIncidents(site, 5, .stashed)
                try await eventually("the reason in the log") {
                    try site.trouble().contains("5 changes were stashed already, which is the bound")
                }
                try setPolicy(site, .stash, max: 8)
                _ = try await site.differences()
                try await awaitIncidents(site, 8, .stashed)
                #expect(try incidents(site).count == 8)
            }
        }

        @Test func `stashed changes reach journal and file once, wherever carrying them over is cut off`()
            async throws
        {
            try await withSite("create table item (id int primary key);") { site in
                let record = try site.migration.record()
                let leg = Leg(number: 1, direction: .forward, start: .snapshot, uuid: record.uuid)
                let context = RoleContext(
                    journal: site.migration.journal, exportDirectory: site.directory,
                    options: RunOptions(target: try site.access(.target)), stop: StopSignal(),
                    announce: { _ in })
                let target = try site.connect(.target)
                try target.ensureMetadata(migration: record.uuid)
                func add(_ numbers: ClosedRange<Int>) throws {
                    for number in numbers {
                        let incident = Incident(
                            leg: 1, direction: .forward, table: "public.item", operation: .delete,
                            key: [Incident.KeyColumn(column: "id", value: "\(number)")],
                            commitLSN: LogPosition(number: 10), change: number, sqlState: "", constraint: nil,
                            reason: "gone", at: 1, handling: .stashed)
                        let json = String(decoding: try JSONEncoder().encode(incident), as: UTF8.self)
                        try target.query(
                            "insert into ybvoyager_metadata.switchback_incidents values ($1, 1, 10, $2, "
                                + "false, $3, 'select 1')",
                            [record.uuid, "\(number)", json])
                    }
                }
                func carry() throws {
                    let session = try context.destination(of: leg).connectToApply()
                    try IncidentLedger(context: context, leg: leg).carryOver(session)
                }
                func check(_ count: Int) throws {
                    #expect(try incidents(site).map(\.change).sorted() == Array(1...count))
                    #expect(try errorLines(site, leg: 1).map(\.change) == Array(1...count))
                    #expect(
                        try site.value(
                            .target,
                            "select count(*) from ybvoyager_metadata.switchback_incidents where not "
                                + "is_carried"
                        )
                            == "0")
                }
                try add(1...450)
                try carry()
                try check(450)
                // Cut off between file and journal: the file has a line that the journal has not, and part of
                // another.
                try add(451...460)
                let path = ErrorFile(exportDirectory: site.directory, leg: 1).path
                let handle = try #require(FileHandle(forWritingAtPath: path))
                try handle.seekToEnd()
                handle.write(Data("{\"change\":451}\n{\"chan".utf8))
                try handle.close()
                try carry()
                try check(460)
                // Cut off between the journal and the mark on the destination.
                try target.execute(
                    "update ybvoyager_metadata.switchback_incidents set is_carried = false where "
                        + "change_no > 400"
                )
                try carry()
                try check(460)
                // The operator has removed the file: the next changes begin a new one.
                try FileManager.default.removeItem(atPath: path)
                try add(461...462)
                try carry()
                #expect(try errorLines(site, leg: 1).map(\.change) == [461, 462])
                #expect(try incidents(site).count == 462)
            }
        }

        /// SQL that makes every third change of an item an incident: at the change, or only at the commit.
        private static let everyThird = [
            "delete from item where id % 3 = 0 and id > 1000",
            """
            create function refuse() returns trigger language plpgsql as $$
            begin
                if new.v = 'new' and new.id % 3 = 0 then
                    raise exception 'refused' using errcode = '23514', table = 'item', constraint = 'third';
                end if;
                return null;
            end $$;
            create constraint trigger third after insert or update on item deferrable initially deferred
                for each row execute function refuse();
            alter table item enable always trigger third;
            """,
        ]

        /// Waits until the apply is at one of four points: connected, at single changes, after their commit,
        /// or after the stashed changes are carried over.
        ///
        /// - Parameter stashed: the number of stashed changes when the apply has come through
        private func awaitPoint(_ site: Site, _ point: Int, stashed: Int) async throws {
            let stashed =
                "(select count(*) from ybvoyager_metadata.switchback_incidents where true"
                + "\(point == 3 ? " and is_carried" : "")) >= \(stashed)"
            let session =
                "exists (select from pg_stat_activity where application_name = 'switchback apply' "
                + "and datname = current_database()\(point == 1 ? " and query like '%savepoint%'" : ""))"
            // A stretch of single changes may be over before it is seen.
            let condition = [session, "\(session) or \(stashed)", stashed, stashed][point]
            try await eventually("point \(point)", within: 60) {
                try site.value(.target, "select \(condition)") == "t"
            }
        }

        @Test(arguments: everyThird)
        func `a worker killed again and again among incidents stashes each once`(trouble: String)
            async throws
        {
            try await withSite(IncidentKind.tables) { site in
                try site.write(.target, "truncate item, twin")
                try site.connect(.source).execute(
                    "insert into item select i, 'old', 1 from generate_series(1001, 1600) i")
                var worker = try site.startWorkerProcess()
                defer { kill(worker, SIGKILL) }
                try setPolicy(site, .stash)
                _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                try await site.awaitPhase(.streaming)
                try await eventually("the rows") {
                    try site.value(.target, "select count(*) from item") == "620"
                }
                try site.write(.target, trouble)
                var random = Randomness("incidents among kills")
                for round in 0..<12 {
                    let first = 1001 + round * 50
                    try site.connect(.source).execute(
                        "update item set v = 'new' where id between \(first) and \(first + 49); "
                            + "insert into other select \(first) + i, 'new' from generate_series(0, 49) i")
                    if round % 2 == 1 {
                        let stashed = (1001...(first + 49)).count { $0 % 3 == 0 }
                        try await awaitPoint(site, random.below(4), stashed: stashed)
                        kill(worker, SIGKILL)
                        try await site.awaitNoWorker()
                        worker = try site.startWorkerProcess()
                    }
                }
                _ = try await site.differences()
                try await awaitIncidents(site, 200, .stashed)
                #expect(try site.value(.target, "select count(*) from item where v = 'new'") == "400")
                #expect(try site.value(.target, "select count(*) from other") == "600")
                let lines = try errorLines(site, leg: 1)
                #expect(lines.count == 200 && Set(lines.compactMap { $0.key["id"] ?? nil }).count == 200)
                kill(worker, SIGKILL)
                try await site.awaitNoWorker()
            }
        }

        @Test func `the end keeps stashed changes in its backup, and leaves nothing on the databases`()
            async throws
        {
            try await live(.forward) { site in
                try setPolicy(site, .stash)
                try site.write(.target, "delete from item where id = 1")
                try site.connect(.source).execute("delete from item where id = 1")
                #expect(try await site.differences() == [])
                try await awaitIncidents(site, 1, .stashed)
                let backup = site.directory + "-backup"
                try FileManager.default.createDirectory(atPath: backup, withIntermediateDirectories: true)
                // Only a temporary directory.
                defer { try? FileManager.default.removeItem(atPath: backup) }
                let id = try site.migration.leave(
                    .endMigration(
                        EndOptions(
                            backupSchemaFiles: false, backupDataFiles: true, saveMigrationReports: true,
                            backupLogFiles: false, backupDirectory: backup)), by: "test")
                try await eventually("the end") { try site.migration.record(of: id)?.state == .done }
                let file = backup + "/data/errors/leg-1.jsonl"
                #expect(try String(contentsOfFile: file, encoding: .utf8).contains("delete from"))
                let permissions = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
                #expect(permissions as? Int == 0o600)
                #expect(try !site.surroundings(.target).contains("schema ybvoyager_metadata"))
            }
        }
    }
}

extension Site {
    /// Waits until both roles have changed sides: nobody reads what is written to the source from now on.
    func awaitFallBack() async throws {
        try await awaitPhase(.fallBack)
        try await eventually("the fall-back streams") {
            let status = try migration.status()
            return status.capture?.direction == .reverse && status.apply?.direction == .reverse
                && status.apply?.state.word == .streaming
        }
    }

    /// Writes as an operator who mends a database does, past its fence.
    func write(_ side: Side, _ sql: String) throws {
        let session = try connect(side)
        try session.execute("set default_transaction_read_only = off")
        try session.execute(sql)
    }

    /// Starts a worker in a process of its own; its executable is in the directory of the tests.
    func startWorkerProcess() throws -> Int32 {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        // No other thread of this process reads the environment now: the suites run one after the other.
        unsafe _ = setenv("SWITCHBACK_EXECUTABLE", folder + "/switchback", 1)
        return try migration.startWorker(sourcePassword: nil, targetPassword: nil)
    }

    /// Waits until no process holds the lock of a role.
    func awaitNoWorker() async throws {
        try await eventually("no worker") {
            reapWorkers()
            return RoleLock.holder(directory, .capture) == nil
                && RoleLock.holder(directory, .apply) == nil
        }
    }
}
