import Foundation
import Journal
import Records

/// The last work for legs that have ended: the capture's last check of the origin, and the drop of slot
/// and publication.
struct EndedLegs: Sendable {
    let context: RoleContext
    /// Whether to take a lock with each leg; see `RoleRunner`.
    let takesLocks: Bool

    /// Attempts for a leg whose origin is away, before the next leg runs.
    private static let attemptsMax = 5

    /// Finishes the legs that have ended. A leg whose origin is away does not keep the next one from running:
    /// `retireMeanwhile` finishes it.
    ///
    /// - Parameter record: the one that also decides which leg runs next. With a later one, a leg that ends
    ///   between the two would never be checked.
    func finish(_ record: MigrationRecord) async throws {
        for leg in record.legs where leg.endedAt != nil { try await finishApply(leg, record) }
        let isLast = record.currentLeg?.endedAt != nil
        for leg in record.legs where leg.endedAt != nil && leg.retiredAt == nil {
            try await finish(leg, isLast: isLast)
        }
    }

    private func finish(_ leg: Leg, isLast: Bool) async throws {
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        var attempts = 0
        while true {
            do {
                try await finishCapture(leg)
                return try await OnSessionThread().run { try retire(leg) }
            } catch {
                guard case .again(let milliseconds, let isFirst) = patience.judge(error, progress: 0)
                else { throw error }
                attempts += 1
                if !isLast, attempts >= Self.attemptsMax { return noteUnfinished(leg, error) }
                if isFirst, isLast { noteRetry(of: leg, error) }
                try context.stop.check()
                try await Task.sleep(for: .milliseconds(milliseconds))
            }
        }
    }

    private func noteUnfinished(_ leg: Leg, _ error: any Error) {
        let origin = leg.direction.origin.rawValue
        context.log(
            .error, "capture",
            "\(error); whether anybody wrote to the \(origin) after it was proved quiet is unknown; slot and "
                + "publication of the leg that has ended are dropped there when it answers")
    }

    private func noteRetry(of leg: Leg, _ error: any Error) {
        let words =
            "\(error); slot \(leg.slotName) and the publication of the leg that has ended are dropped on the "
            + "\(leg.direction.origin.rawValue) when it answers"
        context.log(.warning, "capture", words)
        context.announce(words)
    }

    /// Retires, while a leg runs, the earlier legs whose origin was away when they ended: their slots retain
    /// WAL.
    func retireMeanwhile(_ running: Leg) async throws {
        var backoff = Backoff()
        while true {
            try context.stop.check()
            let record = try context.record()
            let left = record.legs.filter {
                $0.number < running.number && $0.endedAt != nil && $0.retiredAt == nil
                    && context.has($0.direction.origin)
            }
            guard !left.isEmpty, !record.hasEnded(running) else { return }
            do {
                for leg in left { try await OnSessionThread().run { try retire(leg) } }
            } catch {
                guard condition(of: error).isPassing else {
                    return context.log(.error, "capture", "\(error); `end migration` drops what is left")
                }
                try await Task.sleep(for: .milliseconds(backoff.next()))
            }
        }
    }

    /// Finishes a capture that died, or lost its origin, between the leg's end and its last check of the
    /// origin: reads what was written there since, as long as the log can take it.
    private func finishCapture(_ leg: Leg) async throws {
        guard context.has(leg.direction.origin), try !isCounted(leg) else { return }
        let origin = leg.direction.origin.rawValue
        guard try context.journal.segments().allSatisfy({ $0.leg <= leg.number }) else {
            context.log(
                .error, "cutover",
                "whether anybody wrote to the \(origin) after it was proved quiet is unknown: when it "
                    + "answered again, the log had already begun the next leg; compare the tables")
            return
        }
        let lock = takesLocks ? try await RoleRunner.lock(.capture, context) : nil
        defer { withExtendedLifetime(lock) {} }
        do { _ = try await CaptureRole(context: context, leg: leg).run() } catch let refusal as RequestRefused
        {
            // For example, the slot is gone: then nobody can find out.
            context.log(
                .error, "cutover",
                "whether anybody wrote to the \(origin) after it was proved quiet is unknown: \(refusal); "
                    + "compare the tables"
            )
            return
        }
        guard try isCounted(leg) else {
            throw LostBeforeLastCheck(origin: leg.direction.origin)
        }
    }

    /// Finishes an apply that died between the leg's end and the note of what it has applied. The release
    /// came after the drain, so that all of the leg is applied. If the destination is away, the next leg of
    /// the direction keeps the counts when it begins.
    private func finishApply(_ leg: Leg, _ record: MigrationRecord) async throws {
        guard context.has(leg.direction.destination),
            try LegCounts.read(leg: leg.number, exported: false, journal: context.journal) == nil,
            !record.legs.contains(where: { $0.direction == leg.direction && $0.number > leg.number })
        else { return }
        let lock = takesLocks ? try await RoleRunner.lock(.apply, context) : nil
        defer { withExtendedLifetime(lock) {} }
        do {
            try await OnSessionThread().run {
                try context.journal.segmentsApplied(
                    below: .max, leg: leg.number, toSource: leg.direction == .reverse)
                let session = try context.destination(of: leg).connectToApply()
                let names = try session.tables().map(\.name)
                try LegCounts.keepEnded(
                    leg, record.legs, counted: try session.appliedCounts().renamed(to: names),
                    context.journal)
            }
        } catch  where !isStop(error) {
            context.log(
                .warning, "apply",
                "\(error); how many changes of the leg that has ended were applied is not known yet")
        }
    }

    /// Whether the capture of a leg has ended, which keeps its counts.
    private func isCounted(_ leg: Leg) throws -> Bool {
        try LegCounts.read(leg: leg.number, exported: true, journal: context.journal) != nil
    }

    /// Drops slot and publication of a leg that has ended, if this process has its origin.
    private func retire(_ leg: Leg) throws {
        guard leg.retiredAt == nil, context.has(leg.direction.origin) else { return }
        if try context.record().legs.first(where: { $0.number == leg.number })?.retiredAt != nil { return }
        try context.origin(of: leg).retire()
        try context.update { record in
            guard let index = record.legs.firstIndex(where: { $0.number == leg.number }) else { return }
            record.legs[index].retiredAt = secondsNow()
        }
    }
}

/// The stream of a leg that has ended was lost before it showed whether anybody wrote to the origin after the
/// quiet proof. Another attempt may see it.
struct LostBeforeLastCheck: DatabaseError {
    let origin: Side

    var condition: ErrorCondition { .connectionLost }
    var refusesStatement: Bool { false }
    var refusesLogin: Bool { false }
    var streamFault: StreamFault? { nil }
    var reason: String { "the connection was lost before the last check" }

    var description: String {
        "cannot see what wrote to the \(origin.rawValue) after it was proved quiet: \(reason)"
    }
}
