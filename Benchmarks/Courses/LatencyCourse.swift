import Demo
import Foundation
import Glibc
import Postgres
import Records
import Synchronization

/// Measures the time from a commit on the source until it is visible on the target, at a steady rate.
///
/// One thread of this process commits rows with rising numbers, one per millisecond, and notes the time of
/// each acknowledgement. Another thread reads the highest visible number on the target in a loop, and notes
/// when it first saw each. Both use the same monotonic clock. One session commits in order, so all lower
/// numbers are visible as well. A row is seen at most one reading late: the time between two readings is the
/// method's own error, and is reported with the figures. The method is the same for the program and for the
/// subscription.
///
/// The writer waits until its commits are in the WAL, whatever the servers' setting: otherwise the server
/// flushes the WAL up to a fifth of a second later, and nothing can be streamed before.
struct LatencyCourse {
    let site: BenchSite
    let servers: ServerPair
    let commitsPerSecond: Int
    let seconds: Double
    let say: (String) -> Void

    private static let name = "bench_latency"
    private static let pauseMicroseconds: UInt32 = 150

    func run() throws -> LatencyResult {
        let source = Database(cluster: servers.source, name: Self.name)
        let target = Database(cluster: servers.target, name: Self.name)
        let copy = Database(cluster: servers.target, name: Self.name + "_native")
        for database in [source, target, copy] {
            try Database(cluster: database.cluster, name: "postgres").run("create database \(database.name)")
            try database.run("create table tick (id bigint primary key, made_at timestamptz not null)")
        }
        let migration = try SwitchbackRun(site, source: source, target: target)
        defer { do { try migration.stop() } catch { say("a process could not be ended: \(error)") } }
        try migration.start()
        try migration.waitUntilStreaming()
        let ours = try measure(source, target, from: 1)
        say("latency: ours p50 \(ours.p50Milliseconds) ms, p99 \(ours.p99Milliseconds) ms")
        try migration.stop()

        try source.run("create publication bench for table tick")
        try source.run("truncate tick")
        let native = try NativeSubscription(origin: source, destination: copy, publication: "bench")
        let result = try measure(source, copy, from: 1)
        say("latency: native p50 \(result.p50Milliseconds) ms, p99 \(result.p99Milliseconds) ms")
        try native.drop()
        return LatencyResult(ours: ours, native: result)
    }

    private struct Reading {
        let highest: Int
        let at: Double
    }

    private func measure(_ origin: Database, _ destination: Database, from first: Int) throws
        -> LatencyResult.Series
    {
        let count = Int(Double(commitsPerSecond) * seconds)
        let writer = try TickWriter(origin, first: first, count: count, perSecond: commitsPerSecond)
        let session = try destination.session()
        var readings: [Reading] = []
        var gaps: [Double] = []
        readings.reserveCapacity(count)
        writer.start()
        var highest = 0
        var readAt = now()
        let until = readAt + seconds + 60
        while highest < first + count - 1 {
            let answer = try session.query("select max(id) from tick").scalar
            let at = now()
            gaps.append(at - readAt)
            readAt = at
            guard at < until else { throw BenchError("latency: the last commits have not arrived") }
            if let seen = answer.flatMap({ Int($0) }), seen > highest {
                readings.append(Reading(highest: seen, at: at))
                highest = seen
            }
            if let error = writer.failure { throw error }
            usleep(Self.pauseMicroseconds)
        }
        return try series(writer.committedAt(), first: first, readings, gaps)
    }

    private func series(_ committed: [Double], first: Int, _ readings: [Reading], _ gaps: [Double]) throws
        -> LatencyResult.Series
    {
        var delays: [Double] = []
        var iterator = readings.makeIterator()
        var current = iterator.next()
        // The first second is left out as a warm-up.
        for (index, at) in committed.enumerated() {
            while let seen = current, seen.highest < first + index { current = iterator.next() }
            guard let seen = current else { throw BenchError("latency: a commit was never seen") }
            // A row may be visible before its writer has the acknowledgement.
            if index >= commitsPerSecond { delays.append(max(0, seen.at - at)) }
        }
        delays.sort()
        let sortedGaps = gaps.sorted()
        func milliseconds(_ values: [Double], _ share: Double) -> Double {
            (values[min(values.count - 1, Int(Double(values.count) * share))] * 1e5).rounded() / 100
        }
        return LatencyResult.Series(
            commits: delays.count, p50Milliseconds: milliseconds(delays, 0.5),
            p99Milliseconds: milliseconds(delays, 0.99), maxMilliseconds: milliseconds(delays, 1),
            ownErrorP99Milliseconds: milliseconds(sortedGaps, 0.99),
            commitsPerSecond: (Double(committed.count - 1) / (committed.last! - committed[0])).rounded())
    }
}

/// Commits numbered rows at a steady rate from a thread of its own.
private final class TickWriter: Sendable {
    private struct State {
        var committedAt: [Double] = []
        var failure: (any Error)?
    }

    private let origin: Database
    private let first: Int
    private let count: Int
    private let perSecond: Int
    private let state = Mutex(State())

    init(_ origin: Database, first: Int, count: Int, perSecond: Int) throws {
        self.origin = origin
        self.first = first
        self.count = count
        self.perSecond = perSecond
        state.withLock { $0.committedAt.reserveCapacity(count) }
    }

    func start() {
        let thread = Thread { [self] in
            do { try write() } catch { state.withLock { $0.failure = error } }
        }
        thread.start()
    }

    var failure: (any Error)? { state.withLock { $0.failure } }

    func committedAt() -> [Double] { state.withLock { $0.committedAt } }

    private func write() throws {
        let session = try origin.session()
        try session.execute("set synchronous_commit = on")
        let begin = now()
        for index in 0..<count {
            let due = begin + Double(index) / Double(perSecond)
            let wait = due - now()
            if wait > 0 { usleep(UInt32(wait * 1e6)) }
            try session.execute("insert into tick values (\(first + index), clock_timestamp())")
            let at = now()
            state.withLock { $0.committedAt.append(at) }
        }
    }
}

/// Seconds of the monotonic clock.
private func now() -> Double {
    var time = timespec()
    // Sound: the struct lives through the call.
    unsafe _ = clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
