import Glibc
import Postgres

/// What is done at the end of a transaction that has created or altered an object, with the transaction's
/// statements. An error ends the transaction.
package typealias CreationHook = (borrowing PostgresConnection, [String]) throws(PostgresError) -> Void

/// The import's connection to the target, under the settings of the file whose objects run.
struct ImportSession: ~Copyable {
    let connection: PostgresConnection
    let isYugabyteDB: Bool
    private let ignoreExist: Bool
    private let afterEachStep: CreationHook?
    private var settingsOf: String?

    /// Attempts after a conflict, before the step fails.
    private static let conflictsMax = 5
    /// The pause before the first further attempt; before the nth it is n times as long.
    private static let conflictPauseMicroseconds: UInt32 = 200_000

    /// The error that the server refused a statement for good.
    struct StepFailure: Error {
        let refusal: Refusal
        let error: PostgresError
    }

    /// The result of a step: the number of statements whose object existed, and the reason if it was skipped.
    struct StepOutcome {
        var existed = 0
        var skipped: String?
    }

    init(_ access: DatabaseAccess, ignoreExist: Bool, afterEachStep: CreationHook?) throws(PostgresError) {
        let opened = try PostgresConnection(
            access, applicationName: "switchback import schema", settings: .schemaImport)
        try opened.becomeReplicaWherePermitted()
        let version = try opened.query("select pg_catalog.version()", doing: "ask the target's version")
        connection = opened
        isYugabyteDB = version.scalar?.contains("-YB-") ?? false
        self.ignoreExist = ignoreExist
        self.afterEachStep = afterEachStep
    }

    /// Applies the settings of a file: its search path and whatever else pg_dump set.
    mutating func apply(_ settings: [SQLStatement], of file: String) throws(PostgresError) {
        guard settingsOf != file else { return }
        try connection.execute("reset all", doing: "reset the session")
        // An event trigger that logs DDL would fill a table that is migrated.
        try connection.becomeReplicaWherePermitted()
        for setting in settings {
            do {
                try connection.execute(setting.text, doing: "apply the settings of \(file)")
            } catch  where error.sqlState == "42704" {
                // A newer pg_dump sets parameters that an older server lacks, such as transaction_timeout.
            }
        }
        settingsOf = file
    }

    /// Runs a step as a whole or not at all, and again after a conflict.
    func run(_ step: ImportStep) throws(StepFailure) -> StepOutcome {
        var attempts = 0
        // YugabyteDB commits DDL statement by statement, even in a transaction block.
        var inTransaction = !isYugabyteDB
        while true {
            do {
                return try runOnce(step.statements, inTransaction: inTransaction)
            } catch {
                if inTransaction { try rollBack(after: error) }
                switch error.refusal {
                case .outsideTransaction where inTransaction: inTransaction = false
                case .conflict where attempts < Self.conflictsMax:
                    attempts += 1
                    usleep(UInt32(attempts) * Self.conflictPauseMicroseconds)
                case .exists, .dependencyMissing, .outsideTransaction, .conflict, .foreignComment, .error:
                    throw error
                }
            }
        }
    }

    private func runOnce(_ statements: [SQLStatement], inTransaction: Bool) throws(StepFailure) -> StepOutcome
    {
        var outcome = StepOutcome()
        if inTransaction { try plain("begin") }
        for statement in statements {
            if inTransaction { try plain("savepoint statement") }
            do {
                try connection.execute(statement.text, doing: "run a statement")
            } catch {
                let refusal = Refusal(error, statement: statement)
                switch refusal {
                case .exists where ignoreExist: outcome.existed += 1
                case .foreignComment: outcome.skipped = error.message
                case .exists, .dependencyMissing, .outsideTransaction, .conflict, .error:
                    throw StepFailure(refusal: refusal, error: error)
                }
                if inTransaction { try plain("rollback to savepoint statement") }
            }
        }
        if let afterEachStep {
            do { try afterEachStep(connection, statements.map(\.text)) } catch {
                throw StepFailure(refusal: error.isTransient ? .conflict : .error, error: error)
            }
        }
        if inTransaction { try plain("commit") }
        return outcome
    }

    private func rollBack(after failure: StepFailure) throws(StepFailure) {
        guard !failure.error.isConnectionLoss else { throw failure }
        try plain("rollback")
    }

    private func plain(_ sql: String) throws(StepFailure) {
        do {
            try connection.execute(sql, doing: sql)
        } catch {
            throw StepFailure(refusal: error.isTransient ? .conflict : .error, error: error)
        }
    }
}
