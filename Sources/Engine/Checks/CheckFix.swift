import Records

/// The SQL that mends what a check has found, and the SQL that takes that back.
package struct CheckFix: Sendable, Codable, Equatable {
    /// The statements, each for itself, in their order.
    package let statements: [String]
    /// The statements that restore what was there before, in their order; empty if nothing can.
    package let undo: [String]
    /// What has to be done besides, in words; empty if nothing.
    package let afterwards: String

    package init(_ statements: [String], undo: [String], afterwards: String = "") {
        self.statements = statements
        self.undo = undo
        self.afterwards = afterwards
    }
}

/// The outcome of one fix.
package struct PerformedFix: Sendable, Equatable {
    package let side: Side
    package let name: String
    package let fix: CheckFix
    /// Why a statement failed; nil if all took effect.
    package let failure: String?
}

extension Migration {
    /// Performs the fixes of checks, as the role that moves the data. A fix that is refused does not keep the
    /// others from being performed. Each is in the event log with what takes it back, before it is performed.
    ///
    /// - Throws: the error of a server that is away
    package func perform(_ checks: [CheckResult], options: RunOptions, by: String) async throws
        -> [PerformedFix]
    {
        let context = RoleContext(
            journal: journal, exportDirectory: exportDirectory, options: options, stop: StopSignal(),
            announce: { _ in })
        return try await OnSessionThread().run {
            try checks.compactMap { check in
                try check.fix?.perform(for: check, context, by: by)
            }
        }
    }
}

extension CheckFix {
    /// Performs the statements, after a note in the event log of what takes them back.
    ///
    /// - Throws: the error of a server that is away; a statement that is refused is in the result
    func perform(for check: CheckResult, _ context: RoleContext, by: String) throws -> PerformedFix {
        let back = undo.isEmpty ? "" : "; to take it back: \(undo.joined(separator: "; "))"
        context.log(
            .info, "check",
            "\(by) mends \(check.name) on the \(check.side.rawValue): "
                + "\(statements.joined(separator: "; "))\(back)")
        do { try context.side(check.side).perform(self) } catch let error as any DatabaseError {
            guard error.refusesStatement else { throw error }
            context.log(.warning, "check", "\(check.name) on the \(check.side.rawValue): \(error)")
            return PerformedFix(side: check.side, name: check.name, fix: self, failure: "\(error)")
        }
        return PerformedFix(side: check.side, name: check.name, fix: self, failure: nil)
    }
}

extension PerformedFix {
    /// What came of it, in one sentence.
    var sentence: String {
        "\(name) on the \(side.rawValue): "
            + (failure.map { "not mended: \($0)" } ?? "mended by \(fix.statements.joined(separator: "; "))")
            + (fix.afterwards.isEmpty ? "" : ". \(fix.afterwards)")
    }
}
