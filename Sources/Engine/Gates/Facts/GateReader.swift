import Foundation
import Journal
import Records

/// Reads the gates' facts of one database beside the stream, and publishes them in a file. The export
/// directory may be shared by two processes, so each role publishes what it reads. It has a thread and a
/// connection of its own. Nothing that it meets ends the role.
struct GateReader: Sendable {
    let context: RoleContext
    let leg: Leg
    let place: GateQuestion.Place

    private static let pollMilliseconds = 100
    /// Number of intervals after which a reading is too old, and the seconds that are granted beyond them.
    private static let intervals = 3.0
    private static let graceSeconds = 5.0

    private var role: Role { place == .origin ? .capture : .apply }

    /// One of the readings, and the time of the next.
    private enum Reading: CaseIterable {
        case server
        case catalog
        case plan
    }

    /// Reads until the leg has ended or a stop is requested.
    func run() async throws {
        let thread = SideThread<Reading, Double>(name: "gates", work)
        var dueAt: [Reading: Double] = [:]
        var asked = try GateFiles.askedAt(context.journal)
        var current: Reading?
        while true {
            try context.stop.check()
            let record = try context.record()
            if record.hasEnded(leg) { return }
            let now = monotonicSeconds()
            if let reading = current, let waitSeconds = try thread.take() {
                dueAt[reading] = now + waitSeconds
                current = nil
            }
            let askedNow = try GateFiles.askedAt(context.journal)
            if askedNow != asked {
                asked = askedNow
                dueAt = [:]
            }
            // While rows are copied, the copy has the server for itself.
            if record.phase != .snapshot, thread.isIdle,
                // The one that has waited longest, so that a quick one keeps no other from its turn.
                let due = Reading.allCases.filter({ dueAt[$0] ?? 0 <= now }).min(by: {
                    (dueAt[$0] ?? 0) < (dueAt[$1] ?? 0)
                })
            {
                current = due
                thread.begin(due)
            }
            try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
        }
    }

    /// Makes the function that reads, publishes, and returns the seconds until the next reading.
    private func work() -> (Reading) throws -> Double {
        var session: (any GateSession)?
        var awaySince: Double?
        return { [self] reading in
            do {
                let current =
                    try session
                    ?? (place == .origin
                        ? context.origin(of: leg).gates(as: "gates")
                        : context.destination(of: leg).gates(as: "gates"))
                session = current
                switch reading {
                case .server:
                    return publish(GateFiles.server(role), context.options.gatePace, &awaySince) {
                        try current.server(try Self.question(context, leg, place))
                    }
                case .catalog:
                    return publish(GateFiles.catalog(role), context.options.catalogPace, &awaySince) {
                        try current.catalog(ofTables: try ComparedTables.all(context).map(\.name)) { $0 }
                    }
                case .plan:
                    let side = place == .origin ? leg.direction.origin : leg.direction.destination
                    return publish(GateFiles.plan(role), context.options.catalogPace, &awaySince) {
                        try PlanReader(context: context).read(side, leg)
                    }
                }
            } catch {
                context.log(.warning, role.rawValue, "the gates cannot be read: \(error)")
                return context.options.catalogPace.secondsMin
            }
        }
    }

    /// Reads and publishes.
    ///
    /// - Parameter awaySince: time since which the server does not answer; nil while it does
    /// - Returns: the seconds until the next reading
    private func publish<Facts: Codable & Equatable & Sendable>(
        _ file: String, _ pace: MonitorPace, _ awaySince: inout Double?, _ read: () throws -> Facts
    ) -> Double {
        let readAt = secondsNow()
        let begun = monotonicSeconds()
        var reading = GateReading<Facts>(leg: leg.number, readAt: readAt, goodForSeconds: 0)
        do { reading.facts = try read() } catch {
            reading.trouble = "\(error)"
            reading.isAway = condition(of: error) == .connectionLost
        }
        awaySince = reading.isAway ? awaySince ?? readAt : nil
        reading.awaySince = awaySince
        let tookSeconds = monotonicSeconds() - begun
        let waitSeconds = pace.waitSeconds(afterCheckOf: tookSeconds)
        reading.goodForSeconds = Self.intervals * (waitSeconds + tookSeconds) + Self.graceSeconds
        GateFiles.write(reading, to: context.exportDirectory + file)
        return waitSeconds
    }

    /// Returns what the gates ask a database in this leg.
    static func question(_ context: RoleContext, _ leg: Leg, _ place: GateQuestion.Place) throws
        -> GateQuestion
    {
        let canFallBack = place == .destination
        return GateQuestion(
            place: place, tables: try ComparedTables.all(context).map(\.name),
            fallBack: canFallBack
                ? Leg(
                    number: leg.number + 1, direction: leg.direction.opposite, start: .position,
                    uuid: try context.record().uuid) : nil)
    }
}
