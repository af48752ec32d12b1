import Records

/// The validation of foreign keys that came back when the application was released. It may take long, so the
/// application does not wait for it, and no leg either.
struct ForeignKeyCompletion: Sendable {
    let context: RoleContext

    /// Interval between two readings of the record.
    private static let pollMilliseconds = 500

    /// Validates what a cutover leaves, until the leg has ended.
    func runMeanwhile(_ leg: Leg) async throws {
        var backoff = Backoff()
        while try !context.record().hasEnded(leg) {
            try context.stop.check()
            do {
                for side in Side.allCases { try await finish(side) }
                backoff.reset()
            } catch  where isStop(error) {
                throw error
            } catch is NoLongerFree {
                // Another cutover has begun, or the leg has ended.
            } catch {
                guard condition(of: error).isPassing else {
                    context.log(.error, "foreign keys", "\(error); `end migration` validates what is left")
                    return
                }
                context.log(.warning, "foreign keys", "\(error); trying again")
                try await Task.sleep(for: .milliseconds(backoff.next()))
            }
            try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
        }
    }

    /// Validates what the last cutover leaves, when no leg follows. Returns when all is done.
    func runAfterLastLeg() async throws {
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        while true {
            do {
                for side in Side.allCases { try await finish(side) }
                return
            } catch is NoLongerFree {
                return
            } catch {
                switch patience.judge(error, progress: try finished()) {
                case .over(let error): throw error
                case .again(let milliseconds, _):
                    context.log(.warning, "foreign keys", "\(error); trying again")
                    try context.stop.check()
                    try await Task.sleep(for: .milliseconds(milliseconds))
                }
            }
        }
    }

    private func finish(_ side: Side) async throws {
        guard context.has(side), try context.record().mayFinishForeignKeys(of: side) else { return }
        let context = context
        try await OnSessionThread().run {
            try context.side(side).finishForeignKeys {
                context.log(.info, "foreign keys", $0)
                context.announce($0)
            } meanwhile: {
                try context.stop.check()
                guard try context.record().mayFinishForeignKeys(of: side) else { throw NoLongerFree() }
            }
        }
    }

    private func finished() throws -> UInt64 {
        UInt64(try context.record().changes.count { $0.kind.isUnfinishedForeignKey && $0.undoneAt != nil })
    }

    /// The side is needed for something else, which continues the work or makes it unnecessary.
    private struct NoLongerFree: Error {}
}
