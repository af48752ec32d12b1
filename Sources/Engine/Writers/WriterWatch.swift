import Foundation
import Records

/// Who has written to the migrated tables of the origin lately, as it is published.
package struct PublishedWriters: Sendable, Codable, Equatable {
    package var leg: Int
    package var readAt: Double
    package var sessions: [OpenWriter]
    package var tablesOfEndedSessions: [QualifiedName]

    /// Age from which it is too old.
    private static let secondsMax = 5.0

    static func path(_ exportDirectory: String) -> String { "\(exportDirectory)/metainfo/writers.json" }

    /// Reads what was published lately in this leg; nil if nothing was.
    static func read(_ exportDirectory: String, leg: Int, now: Double) -> PublishedWriters? {
        guard let data = FileManager.default.contents(atPath: path(exportDirectory)) else { return nil }
        // A file of another version counts as missing; no data depends on it.
        guard let found = try? JSONDecoder().decode(PublishedWriters.self, from: data), found.leg == leg,
            abs(now - found.readAt) <= secondsMax
        else { return nil }
        return found
    }

    /// Who they are, in words; nil if there are none.
    var names: String? {
        let ended = tablesOfEndedSessions.map { "a session that has ended (\($0))" }
        let all = sessions.map(\.description) + ended
        return all.isEmpty ? nil : all.listed(max: 5)
    }
}

/// The watch for sessions that write in transactions of single statements, which no look at open transactions
/// finds. It has a thread and a connection of its own. Nothing that it meets ends the role.
struct WriterWatch: Sendable {
    let context: RoleContext
    let leg: Leg

    private static let pace = MonitorPace(secondsMin: 0.5, timeShareMax: 0.05)
    private static let pollMilliseconds = 50
    /// Pause after an error.
    private static let errorSeconds = 5.0

    /// Looks until the leg has ended or a stop is requested.
    func run() async throws {
        let thread = SideThread<Void, Double>(name: "writers", work)
        var dueAt = 0.0
        while true {
            try context.stop.check()
            let record = try context.record()
            if record.hasEnded(leg) { return }
            let now = monotonicSeconds()
            if let waitSeconds = try thread.take() { dueAt = now + waitSeconds }
            // While rows are copied, the copy has the server for itself.
            if record.phase != .snapshot, thread.isIdle, dueAt <= now {
                dueAt = .infinity
                thread.begin(())
            }
            try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
        }
    }

    /// Makes the function that looks, publishes, and returns the seconds until the next look.
    private func work() -> (()) throws -> Double {
        var sampler: (any WriterSampler)?
        var recent = RecentWriters()
        var hasFailed = false
        return { [self] _ in
            let began = monotonicSeconds()
            do {
                let current = try sampler ?? context.origin(of: leg).writerSampler(as: "writers")
                sampler = current
                let tables = try ComparedTables.all(context).map(\.name)
                recent.take(try current.sample(tables, since: recent.since))
                hasFailed = false
                publish(recent)
                return Self.pace.waitSeconds(afterCheckOf: monotonicSeconds() - began)
            } catch {
                // Other monitors say so when a server is away.
                if !hasFailed, !condition(of: error).isAwaited {
                    context.log(.warning, "capture", "the sessions of the origin cannot be read: \(error)")
                }
                hasFailed = true
                recent = RecentWriters()
                return Self.errorSeconds
            }
        }
    }

    private func publish(_ recent: RecentWriters) {
        let value = PublishedWriters(
            leg: leg.number, readAt: secondsNow(), sessions: recent.sessions,
            tablesOfEndedSessions: recent.tablesOfEndedSessions)
        let data: Data
        do { data = try JSONEncoder().encode(value) } catch { return }
        StatusFile.write(data, to: PublishedWriters.path(context.exportDirectory))
    }
}
