import Demo
import Foundation
import Glibc
import Postgres
import Records

/// Measures how fast a workload's backlog is drained by the program, by the native subscription, and by
/// `pg_recvlogical` into /dev/null. All start at the same position on the same servers.
///
/// Each round: all three are stopped. The changes are made; they end with a row in `bench_marker`, in a
/// transaction of its own. Both servers write their data to disk. Then the three drain one after the other.
/// Both appliers keep the order of commits, so the work is done when the marker's row is visible on the other
/// side: the same test for both. With several channels the marker may come before other rows, so the
/// program's own count of changes must be reached as well.
struct DrainCourse {
    let site: BenchSite
    let servers: ServerPair
    let workload: Workload
    let rounds: Int
    let say: (String) -> Void

    private static let drainSeconds = 900.0
    private static let publication = "bench"

    func run() throws -> WorkloadResult {
        let name = "bench_" + workload.name
        let source = Database(cluster: servers.source, name: name)
        let target = Database(cluster: servers.target, name: name)
        for database in [source, target] {
            try Database(cluster: database.cluster, name: "postgres").run("create database \(name)")
            try workload.tables(database)
            try database.run("create table bench_marker (id int primary key)")
        }
        defer { clear() }
        say("\(workload.name): fill and copy")
        try workload.fill(source)
        let migration = try SwitchbackRun(site, source: source, target: target)
        defer { stopped(migration) }
        try migration.start()
        try migration.waitUntilStreaming()
        if workload.isReverse {
            try migration.run(
                "initiate cutover to target", ["--prepare-for-fall-back", "true", "--wait", "true", "--yes"])
            try migration.waitUntilStreaming(.reverse)
        }
        try migration.stop()
        return try rounds(
            migration, origin: workload.isReverse ? target : source,
            destination: workload.isReverse ? source : target)
    }

    private func rounds(_ migration: SwitchbackRun, origin: Database, destination: Database) throws
        -> WorkloadResult
    {
        try destination.run("vacuum analyze")
        // The same rows in the same order on the same server, for the subscription.
        let copy = Database(cluster: destination.cluster, name: destination.name + "_native")
        try Database(cluster: destination.cluster, name: "postgres").run(
            "create database \(copy.name) template \(destination.name) strategy file_copy")
        try copy.run(
            "drop schema if exists ybvoyager_metadata cascade; drop publication if exists switchback")
        let tables = try origin.value(
            "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables where schemaname "
                + "= 'public'"
        )
        try origin.run("create publication \(Self.publication) for table \(tables ?? "")")
        let native = try NativeSubscription(
            origin: origin, destination: copy, publication: Self.publication)
        defer { dropped(native) }

        var result = WorkloadResult(
            name: workload.name, summary: workload.summary, changes: workload.changes)
        for round in 0..<rounds {
            try native.disable()
            let slot = "limit_" + workload.name
            try origin.run("select pg_create_logical_replication_slot('\(slot)', 'pgoutput')")
            let start = ContinuousClock.now
            try workload.write(origin, round)
            try origin.run("insert into bench_marker values (\(round))")
            let end = try flushedLSN(origin)
            say(
                "\(workload.name): backlog \(round + 1) of \(workload.changes) changes, "
                    + "\(seconds(secondsSince(start)))"
            )
            // In turns, so that none always runs after the same other one.
            for way in 0..<3 {
                try servers.settle()
                switch (way + round) % 3 {
                case 0: result.limit.append(try drainToNowhere(origin, slot: slot, through: end))
                case 1:
                    result.ours.append(try drain(migration, from: origin, into: destination, marker: round))
                default: result.native.append(try drain(native, into: copy, marker: round))
                }
            }
            try origin.run("select pg_drop_replication_slot('\(slot)')")
            say(
                "\(workload.name): ours \(seconds(result.ours.last!.seconds)), native "
                    + "\(seconds(result.native.last!.seconds)), limit \(seconds(result.limit.last!.seconds))")
        }
        for other in [destination, copy] { try expectEqual(origin, other) }
        return result
    }

    private func seconds(_ value: Double) -> String { String(format: "%.2f s", value) }

    /// Returns the end of the WAL after it was flushed: only flushed WAL is streamed.
    private func flushedLSN(_ origin: Database) throws -> String {
        let lsn = try origin.value("select pg_current_wal_insert_lsn()") ?? ""
        try wait(for: "the origin to write its log out", seconds: 30) {
            try origin.value("select pg_current_wal_flush_lsn() >= '\(lsn)'") == "t"
        }
        return lsn
    }

    // MARK: The three drains

    private func drainToNowhere(_ origin: Database, slot: String, through lsn: String) throws -> Drain {
        let meter = try ServerMeter(servers)
        let before = childrenCPUSeconds()
        let start = ContinuousClock.now
        let program = try SpawnedProgram(
            [
                try ServerPrograms().directory + "/pg_recvlogical", "-d", origin.connectionString, "-S", slot,
                "--start", "-o", "proto_version=1", "-o", "publication_names=\(Self.publication)", "-E", lsn,
                "-f", "/dev/null",
            ], in: site.directory, output: site.directory + "/pg_recvlogical.out")
        try site.note(program.processID)
        let status = program.wait()
        var drain = Drain(seconds: secondsSince(start))
        site.forget(program.processID)
        guard status == 0 else {
            throw BenchError(
                "pg_recvlogical ended with \(status): \(tail(of: site.directory + "/pg_recvlogical.out"))")
        }
        drain.engineCPUSeconds = childrenCPUSeconds() - before
        try meter.read(into: &drain, origin: origin.cluster)
        return drain
    }

    private func childrenCPUSeconds() -> Double {
        var usage = rusage()
        // Sound: the struct lives through the call.
        unsafe _ = getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private func drain(
        _ migration: SwitchbackRun, from origin: Database, into destination: Database, marker: Int
    )
        throws -> Drain
    {
        let session = try destination.session()
        try warm(session)
        let counted = try appliedEvents(session)
        let meter = try ServerMeter(servers, without: Int32(session.processID))
        let start = ContinuousClock.now
        try migration.start(workload.isReverse ? .reverse : .forward)
        try awaitMarker(marker, session) { try migration.expectRunning() }
        // The marker is a change, too.
        let expected = counted + workload.changes + 1
        if site.channels > 1 {
            try wait(for: "all channels", seconds: Self.drainSeconds, pollMicroseconds: 10_000) {
                try appliedEvents(session) >= expected
            }
        }
        var drain = Drain(seconds: secondsSince(start))
        let usage = migration.usage()
        try meter.read(into: &drain, origin: origin.cluster)
        drain.engineCPUSeconds = usage.cpuSeconds
        drain.capturePeakBytes = usage.capturePeakBytes
        drain.applyPeakBytes = usage.applyPeakBytes
        try migration.stop()
        let events = try appliedEvents(session)
        guard events == expected else {
            throw BenchError(
                "\(workload.name): \(events - counted) changes were applied, not \(expected - counted)")
        }
        return drain
    }

    private func drain(_ native: NativeSubscription, into destination: Database, marker: Int) throws -> Drain
    {
        let session = try destination.session()
        try warm(session)
        let meter = try ServerMeter(servers, without: Int32(session.processID))
        let start = ContinuousClock.now
        try native.enable()
        try awaitMarker(marker, session) {}
        var drain = Drain(seconds: secondsSince(start))
        try meter.read(into: &drain, origin: native.origin.cluster)
        try native.disable()
        return drain
    }

    /// Reads tables and indexes into the destination's cache, as on a live database. Otherwise the first
    /// drain would pay for it.
    private func warm(_ session: borrowing PostgresConnection) throws {
        guard servers.caches == .warm else { return }
        try session.execute(
            // The fence of a cutover may make sessions read-only.
            "begin read write; create extension if not exists pg_prewarm; commit; select "
                + "pg_catalog.count(public.pg_prewarm(c.oid::regclass)) from pg_catalog.pg_class c where "
                + "relkind in ('r', 'i') and relnamespace = 'public'::regnamespace",
            doing: "warm the destination")
    }

    private func awaitMarker(
        _ marker: Int, _ session: borrowing PostgresConnection, meanwhile: () throws -> Void
    ) throws {
        let until = ContinuousClock.now + .seconds(Self.drainSeconds)
        while try session.query("select from bench_marker where id = \(marker)").rows.isEmpty {
            guard ContinuousClock.now < until else {
                throw BenchError("\(workload.name): not drained within \(Int(Self.drainSeconds)) s")
            }
            try meanwhile()
            usleep(10_000)
        }
    }

    private func appliedEvents(_ session: borrowing PostgresConnection) throws -> Int {
        let sum = try session.query(
            "select coalesce(sum(total_events), 0) from "
                + "ybvoyager_metadata.ybvoyager_imported_event_count_by_table"
        ).scalar
        return Int(sum ?? "") ?? 0
    }

    /// Throws if the databases differ: a fast but wrong run is not a result.
    private func expectEqual(_ origin: Database, _ destination: Database) throws {
        let left = origin.cluster.access(database: origin.name)
        let right = destination.cluster.access(database: destination.name)
        let tables = try compareDatabases(source: left, target: right, schemas: ["public"]).tables
        let differences = tables.compactMap(\.difference)
        guard differences.isEmpty else {
            throw BenchError("\(workload.name), \(destination.name): \(differences.joined(separator: "; "))")
        }
    }

    // MARK: Afterwards

    /// Removes everything. What cannot be removed goes with the servers, so that the measurement keeps its
    /// own result.
    private func stopped(_ migration: SwitchbackRun) {
        do { try migration.stop() } catch { say("a process of the migration could not be ended: \(error)") }
    }

    private func dropped(_ native: NativeSubscription) {
        do { try native.drop() } catch { say("the subscription stays: \(error)") }
    }

    private func clear() {
        let name = "bench_" + workload.name
        do {
            for cluster in [servers.source, servers.target] {
                let server = Database(cluster: cluster, name: "postgres")
                let slots = "from pg_replication_slots where database = '\(name)'"
                try server.run("select pg_terminate_backend(active_pid) \(slots) and active")
                try wait(for: "the slots of \(name)", seconds: 20) {
                    try server.value("select count(*) \(slots) and active") == "0"
                }
                try server.run("select pg_drop_replication_slot(slot_name) \(slots)")
                try server.run("drop database if exists \(name)_native with (force)")
                try server.run("drop database if exists \(name) with (force)")
            }
        } catch { say("\(name) stays: \(error)") }
    }
}

/// Measures the CPU time of both servers since it was created.
struct ServerMeter {
    private let servers: ServerPair
    private let excluded: Int32?
    private let sourceBefore: Double
    private let targetBefore: Double

    /// - Parameter excluded: the server process of the session that only checks whether the work is done.
    init(_ servers: ServerPair, without excluded: Int32? = nil) throws {
        self.servers = servers
        self.excluded = excluded
        sourceBefore = try ProcessUsage.serverCPUSeconds(servers.source, without: excluded)
        targetBefore = try ProcessUsage.serverCPUSeconds(servers.target, without: excluded)
    }

    func read(into drain: inout Drain, origin: ThrowAwayCluster) throws {
        let source = try ProcessUsage.serverCPUSeconds(servers.source, without: excluded) - sourceBefore
        let target = try ProcessUsage.serverCPUSeconds(servers.target, without: excluded) - targetBefore
        let isForward = origin.port == servers.source.port
        drain.originCPUSeconds = isForward ? source : target
        drain.destinationCPUSeconds = isForward ? target : source
    }
}
