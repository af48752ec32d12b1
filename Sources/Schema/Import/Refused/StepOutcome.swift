import Postgres

/// The result of a step that took effect.
struct StepOutcome {
    /// The number of statements whose object existed.
    var existed = 0
    /// The reason if it was skipped.
    var skipped: String?
    /// What the operator should know of it, as parts of a sentence.
    var notes: [String] = []
    /// Attributes that the target refused, and without which the object was created.
    var leftOut: [String] = []
    /// Statements after the first that the target refused, while the rest took effect.
    var failures: [StepFailure] = []
}

/// The error that a step took no effect.
struct StepFailure: Error {
    /// What it was that failed.
    enum Cause {
        case server(PostgresError)
        /// The journal of the import could not be written.
        case journal(SchemaError)
    }

    let refusal: Refusal
    let cause: Cause
    /// The statement that was refused, if it was one.
    let statement: SQLStatement?
    /// The attributes that the server refuses, in the statement's own words; empty if it is none.
    var attributes: [String] = []

    init(_ refusal: Refusal, _ error: PostgresError, statement: SQLStatement?) {
        self.refusal = refusal
        cause = .server(error)
        self.statement = statement
    }

    init(_ error: SchemaError) {
        refusal = .error
        cause = .journal(error)
        statement = nil
    }

    var isConnectionLoss: Bool {
        switch cause {
        case .server(let error): error.isConnectionLoss || error.kind == .connection
        case .journal: false
        }
    }

    /// Whether the server refused a statement for good.
    func isOfStatement(isLast: Bool) -> Bool {
        guard statement != nil, !isConnectionLoss else { return false }
        switch refusal {
        case .error, .exists: return true
        case .dependencyMissing: return isLast
        case .outsideTransaction, .conflict, .foreignComment: return false
        }
    }
}
