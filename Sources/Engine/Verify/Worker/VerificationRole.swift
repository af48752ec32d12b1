import Foundation
import Records

/// The verification that runs beside capture and apply: pass after pass over all tables while changes stream,
/// when the operator has chosen it. It has threads and connections of its own. Its errors end no other role;
/// it waits and continues with the range that it had not proved.
struct VerificationRole: Sendable {
    let context: RoleContext
    let leg: Leg

    private static let pollMilliseconds = 200
    /// Pause between two passes; an idle pass over small tables would otherwise be one without end.
    private static let pauseMilliseconds = 1000
    /// Greatest number of differences whose values are kept.
    private static let differencesMax = 1_000
    /// Greatest size of these values.
    private static let valueBytesMax = 16 << 20

    /// Runs until the leg has ended.
    func run() async throws {
        var backoff = Backoff()
        while try !context.record().hasEnded(leg) {
            try context.stop.check()
            guard try choice()?.isOn == true else {
                try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
                continue
            }
            do {
                try await verify()
                backoff.reset()
            } catch  where context.stop.isRequested || error is CancellationError {
                throw StopRequested()
            } catch is StopRequested {
                // The operator has ended it, or the leg has.
            } catch {
                // What a pause or a cutover has cut off is no fault.
                guard try context.record().verificationWait(leg) == nil else { continue }
                context.log(.warning, "verify", "\(error); the verification continues later")
                try await Task.sleep(for: .milliseconds(backoff.next()))
            }
        }
    }

    private func choice() throws -> VerificationChoice? { try context.record().verification }

    /// Verifies until the choice changes.
    private func verify() async throws {
        let lock: RoleLock
        do {
            lock = try RoleLock(
                file: RoleLock.verifyFile, in: context.exportDirectory, work: "verification")
        } catch {
            // A verb verifies; its proofs count as well.
            return try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
        }
        defer { withExtendedLifetime(lock) {} }
        let chosen = try choice() ?? .off
        // Its passes begin again with another choice, and so with what the choice says.
        let turn = VerificationTurn(context: context, leg: leg, choice: chosen)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await OnSessionThread().run { try turn.run() } }
            group.addTask {
                while try context.record().verification == chosen, try !context.record().hasEnded(leg) {
                    try context.stop.check()
                    try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
                }
            }
            defer {
                turn.stop.request()
                group.cancelAll()
            }
            try await group.next()
        }
    }

    /// The passes of one choice of the operator.
    private final class VerificationTurn: Sendable {
        private let context: RoleContext
        private let leg: Leg
        private let choice: VerificationChoice
        let stop: StopSignal

        init(context: RoleContext, leg: Leg, choice: VerificationChoice) {
            stop = StopSignal(partOf: context.stop)
            self.context = RoleContext(
                journal: context.journal, exportDirectory: context.exportDirectory, options: context.options,
                stop: stop, announce: context.announce)
            self.leg = leg
            self.choice = choice
        }

        func run() throws {
            let published = VerifyStatusWriter(context.exportDirectory, leg, now: secondsNow())
            try awaitTurn(published)
            for side in Side.allCases { try context.checkIdentity(side) }
            var options = VerifyOptions(rowsPerSecondMax: choice.rowsPerSecondMax)
            options.differencesMax = VerificationRole.differencesMax
            options.valueBytesMax = VerificationRole.valueBytesMax
            let work = try RowVerification(
                context: context, leg: leg, options: options, published: published)
            work.awaitTurn = { [self] in try awaitTurn(published) }
            var begun = try VerificationCourse.read(leg: leg, context.journal)
            var number = begun?.pass ?? 1
            if begun?.report.endedAt ?? 0 > 0 { (begun, number) = (nil, number + 1) }
            while true {
                try pass(number, from: begun, work, published)
                begun = nil
                number += 1
                try wait(milliseconds: VerificationRole.pauseMilliseconds)
            }
        }

        private func pass(
            _ number: Int, from begun: VerificationCourse?, _ work: RowVerification,
            _ published: VerifyStatusWriter
        ) throws {
            published.begin(pass: number, startedAt: begun?.report.startedAt)
            var kept = -1
            func keepDifferences(_ report: VerifyReport) {
                guard report.differences.count != kept else { return }
                kept = report.differences.count
                FoundDifferences(
                    leg: leg.number, pass: number, direction: leg.direction, differences: report.differences
                ).write(context.exportDirectory)
            }
            let report = try work.pass(number, from: begun.map(withValues)) { course in
                var bare = course
                bare.report = course.report.withoutValues
                try bare.keep(context.journal)
                // Those of the pass before stay on the screen until this one has found its own.
                if !course.report.differences.isEmpty { keepDifferences(course.report) }
            }
            keepDifferences(report)
            published.note(report)
            try VerificationCourse(leg: leg.number, pass: number, report: report.withoutValues).keep(
                context.journal)
            note(report, number)
        }

        /// Returns the pass with the values of its differences, if they are still there.
        private func withValues(_ course: VerificationCourse) -> VerificationCourse {
            guard let found = FoundDifferences.read(context.exportDirectory), found.leg == leg.number,
                found.pass == course.pass
            else { return course }
            var full = course
            full.report.differences = course.report.differences.map { bare in
                found.differences.first { $0.table == bare.table && $0.key == bare.key } ?? bare
            }
            return full
        }

        private func note(_ report: VerifyReport, _ number: Int) {
            for sequence in report.sequences ?? [] {
                context.log(.error, "verify", "pass \(number): \(sequence) on the other side")
            }
            let count = report.tables.map(\.differences).reduce(0, +)
            guard count > 0 else { return }
            let tables = report.tables.filter { $0.differences > 0 }.map(\.table)
            context.log(
                .error, "verify",
                "pass \(number) found \(counted(count, "row")) that differ\(count == 1 ? "s" : "") between "
                    + "source and target, in \(tables.listed(max: 5)); `switchback verify --show` names them")
        }

        /// Waits while something else has to come first: a pause, or a cutover.
        private func awaitTurn(_ published: VerifyStatusWriter) throws {
            while let reason = try context.record().verificationWait(leg) {
                published.wait(for: reason)
                try wait(milliseconds: VerificationRole.pollMilliseconds)
            }
        }

        private func wait(milliseconds: Int) throws {
            let sliceMilliseconds = 50
            for _ in 0..<max(1, milliseconds / sliceMilliseconds) {
                try stop.check()
                usleep(UInt32(sliceMilliseconds) * 1000)
            }
        }
    }
}
