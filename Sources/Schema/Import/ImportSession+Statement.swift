import Postgres

/// One statement of a step, and what is done if the target refuses it.
extension ImportSession {
    static var rollBackStatement: String { "rollback to savepoint statement" }

    /// Runs a statement. Returns whether its effect is there, so that no later import runs it.
    func perform(
        _ statement: SQLStatement, _ outcome: inout StepOutcome, inTransaction: Bool, isLast: Bool
    ) throws(StepFailure) -> Bool {
        if inTransaction { try plain("savepoint statement") }
        let wasBegun = statement.key.map { journal.begun.contains($0) } ?? false
        if !inTransaction, let key = statement.key {
            do { try journal.begin([key], transaction: nil) } catch { throw StepFailure(error) }
        }
        let isDone = try settle(
            statement, &outcome, wasBegun: wasBegun, inTransaction: inTransaction, isLast: isLast)
        if isDone, !inTransaction, let key = statement.key {
            do { try journal.done([key]) } catch { throw StepFailure(error) }
        }
        return isDone
    }

    private func settle(
        _ statement: SQLStatement, _ outcome: inout StepOutcome, wasBegun: Bool, inTransaction: Bool,
        isLast: Bool
    ) throws(StepFailure) -> Bool {
        do {
            try connection.execute(statement.text, doing: "run a statement")
        } catch {
            let refusal = Refusal(error, statement: statement)
            var failure = StepFailure(refusal, error, statement: statement)
            guard !failure.isConnectionLoss else { throw failure }
            if inTransaction { try plain(Self.rollBackStatement) }
            switch refusal {
            case .exists:
                return try takeExisting(
                    failure, statement, &outcome, wasBegun: wasBegun, inTransaction: inTransaction)
            case .foreignComment:
                outcome.skipped = error.message
                return true
            case .error, .dependencyMissing:
                guard refusal == .error || isLast, RefusableAttribute.isRefused(with: error.sqlState) else {
                    throw failure
                }
                let refused = try refusedAttributes(of: statement, inTransaction: inTransaction)
                guard options.leaveOutRefusedAttributes, !refused.isEmpty else {
                    failure.attributes = refused.map { $0[0].words }
                    throw failure
                }
                if let shorter = RefusableAttribute.statement(statement, without: refused.flatMap(\.self)) {
                    try again(shorter)
                }
                outcome.leftOut += refused.map { "\($0[0].words) (\(error.message))" }
                return true
            case .outsideTransaction, .conflict: throw failure
            }
        }
        // IF NOT EXISTS takes also an index whose build has failed.
        if statement.createdIndex != nil, statement.contains(["if", "not", "exists"], depth: 0) {
            _ = try rebuildInvalid(statement, &outcome)
        }
        return true
    }

    private func again(_ statement: SQLStatement) throws(StepFailure) {
        do { try connection.execute(statement.text, doing: "run a statement") } catch {
            throw StepFailure(Refusal(error, statement: statement), error, statement: statement)
        }
    }

    // MARK: What exists

    /// Decides about a statement whose object exists.
    private func takeExisting(
        _ failure: StepFailure, _ statement: SQLStatement, _ outcome: inout StepOutcome, wasBegun: Bool,
        inTransaction: Bool
    ) throws(StepFailure) -> Bool {
        if try rebuildInvalid(statement, &outcome) { return true }
        guard wasBegun || options.ignoreExist else { throw failure }
        var definition = ExistingDefinition.unknown
        // A copy of a table is taken back with the savepoint.
        if inTransaction || statement.createdIndex != nil {
            do { definition = try ExistingDefinition(statement, connection) } catch {
                throw StepFailure(error.isTransient ? .conflict : .error, error, statement: nil)
            }
            if inTransaction { try plain(Self.rollBackStatement) }
        }
        outcome.existed += 1
        guard case .differs(let differences) = definition else { return true }
        guard options.ignoreExist else { throw failure }
        outcome.notes.append("exists, and differs: \(differences.joined(separator: "; "))")
        // The next import says so again.
        return false
    }

    /// Drops and builds an index again whose build has failed. Returns whether it did.
    private func rebuildInvalid(_ statement: SQLStatement, _ outcome: inout StepOutcome)
        throws(StepFailure) -> Bool
    {
        guard statement.createdIndex != nil, let index = StatementSubject.created(statement) else {
            return false
        }
        do {
            let state = try connection.query(
                file: PackageResources.read_index_state_sql, [index.quoted], doing: "read an index")
            guard state.scalar == "f" else { return false }
            try connection.execute(
                "drop index \(index.quoted)", doing: "drop index \(index.name), which is not valid")
            try connection.execute(statement.text, doing: "build index \(index.name) again")
        } catch {
            throw StepFailure(Refusal(error, statement: statement), error, statement: statement)
        }
        outcome.notes.append("was not valid, and was dropped and built again")
        return true
    }

    // MARK: Attributes

    /// Finds the attributes that the target refuses: without them it takes the statement. Empty if it is
    /// something else.
    private func refusedAttributes(of statement: SQLStatement, inTransaction: Bool) throws(StepFailure)
        -> [[RefusableAttribute]]
    {
        let groups = RefusableAttribute.attributes(of: statement)
        guard !groups.isEmpty else { return [] }
        // Outside of a transaction a trial would leave what it made.
        guard inTransaction else {
            return options.leaveOutRefusedAttributes || groups.count == 1 ? groups : []
        }
        guard try isTaken(statement, without: groups.flatMap(\.self)) else { return [] }
        var refused: [[RefusableAttribute]] = []
        for (index, group) in groups.enumerated() {
            let others = groups.enumerated().filter { $0.offset != index }.flatMap(\.element)
            if try !isTaken(statement, without: others) { refused.append(group) }
        }
        return refused.isEmpty ? groups : refused
    }

    private func isTaken(_ statement: SQLStatement, without left: [RefusableAttribute]) throws(StepFailure)
        -> Bool
    {
        guard let shorter = RefusableAttribute.statement(statement, without: left) else { return true }
        do {
            try connection.execute(shorter.text, doing: "try a statement")
        } catch {
            let failure = StepFailure(.error, error, statement: statement)
            guard !failure.isConnectionLoss else { throw failure }
            try plain(Self.rollBackStatement)
            return false
        }
        try plain(Self.rollBackStatement)
        return true
    }
}
