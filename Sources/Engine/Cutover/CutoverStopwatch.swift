import Records

/// The stopwatch of a cutover: the time in which the application could write to neither side, from the fence
/// to the release.
package struct CutoverStopwatch: Sendable, Equatable {
    /// The time of one step.
    package struct Lap: Sendable, Equatable {
        package var step: CutoverStep?
        package var title: String
        package var startedAt: Double
        /// Nil while it runs.
        package var endedAt: Double?

        package func seconds(at now: Double) -> Double { max(0, (endedAt ?? now) - startedAt) }
    }

    /// Time from which on a write could be held or refused: the beginning of the fence.
    package var startedAt: Double
    /// Time of the release, or of the removal of the fence by an abort; nil while neither has come.
    package var endedAt: Double?
    /// The steps from the fence on that have begun, in their order.
    package var laps: [Lap]

    package var isRunning: Bool { endedAt == nil }

    package func seconds(at now: Double) -> Double { max(0, (endedAt ?? now) - startedAt) }
}

extension CutoverStatus {
    /// The stopwatch; nil before the fence.
    package var stopwatch: CutoverStopwatch? {
        guard let first = steps.firstIndex(where: { $0.step == .fence }),
            let startedAt = steps[first].startedAt
        else { return nil }
        let laps = steps[first...].compactMap { step in
            step.startedAt.map {
                CutoverStopwatch.Lap(
                    step: step.step, title: step.title, startedAt: $0,
                    endedAt: step.endedAt ?? step.undoneAt ?? (step.step == .release ? releasedAt : nil))
            }
        }
        return CutoverStopwatch(
            startedAt: startedAt, endedAt: releasedAt ?? steps[first].undoneAt, laps: laps)
    }

    /// The time from the fence to the release; nil if the application was not released.
    package var downtimeSeconds: Double? { releasedAt.flatMap { stopwatch?.seconds(at: $0) } }
}

extension CutoverStatus {
    /// Seconds of the budget that are left; nil without a budget.
    package func budgetLeft(at now: Double) -> Double? {
        budgetSeconds.map { max(0, $0 - (stopwatch?.seconds(at: now) ?? 0)) }
    }
}

extension CutoverStepStatus {
    /// Seconds that the step took, or has taken until now; nil if it has not begun.
    package func seconds(at now: Double) -> Double? {
        startedAt.map { max(0, (endedAt ?? undoneAt ?? now) - $0) }
    }
}

extension CutoverLimits {
    /// The longest wait of a step, after which the cutover is aborted; nil for a step that waits for nobody,
    /// or for the operator.
    func waitSecondsMax(of step: CutoverStep) -> Double? {
        switch step {
        case .fence, .quiesce, .suspendOrigin, .fallBackSlot, .restoreDestination: quiesceSeconds
        case .barrier, .quietProof: barrierSeconds
        case .drain: drainSeconds
        case .readFacts, .gates, .prepareOrigin, .readSequences, .setSequences, .checksumOrigin,
            .checksumDestination, .refreshViews, .approval, .openDestination, .release:
            nil
        }
    }
}

extension CutoverStep {
    /// What a step waits for, in words; nil if it waits for nobody.
    package var awaited: String? {
        switch self {
        case .fence, .suspendOrigin, .restoreDestination: "locks of other sessions on the tables"
        case .quiesce: "the end of open write transactions"
        case .fallBackSlot: "locks of other sessions, and the end of open write transactions"
        case .barrier, .quietProof: "the barrier to come through the stream"
        case .drain: "the import of everything up to the barrier"
        case .approval: "the operator's approval"
        case .readFacts, .gates, .prepareOrigin, .readSequences, .setSequences, .checksumOrigin,
            .checksumDestination, .refreshViews, .openDestination, .release:
            nil
        }
    }
}
