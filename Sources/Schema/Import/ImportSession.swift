import Glibc
import Postgres

/// What is done at the end of a transaction that has created or altered an object, with the transaction's
/// statements. An error ends the transaction.
package typealias CreationHook = (borrowing PostgresConnection, [String]) throws(PostgresError) -> Void

/// The import's connection to the target, under the settings of the file whose objects run.
struct ImportSession: ~Copyable {
    let connection: PostgresConnection
    let isYugabyteDB: Bool
    let journal: ImportJournal
    let options: SchemaImportOptions
    private let afterEachStep: CreationHook?
    private var settings: [String]?

    /// Attempts after a conflict, before the step fails.
    private static let conflictsMax = 5
    /// The pause before the first further attempt; before the nth it is n times as long.
    private static let conflictPauseMicroseconds: UInt32 = 200_000

    init(
        _ access: DatabaseAccess, journal path: String, options: SchemaImportOptions,
        afterEachStep: CreationHook?
    ) throws(SchemaError) {
        let opened = try Self.connect(access)
        let found = try Self.examine(opened)
        let journal = try ImportJournal(path, target: "\(access.parameters.place) \(found.target)")
        connection = opened
        isYugabyteDB = found.isYugabyteDB
        self.journal = journal
        self.options = options
        self.afterEachStep = afterEachStep
    }

    private static func connect(_ access: DatabaseAccess) throws(SchemaError) -> PostgresConnection {
        do {
            return try PostgresConnection(
                access, applicationName: "switchback import schema", settings: .schemaImport)
        } catch {
            throw .server(error)
        }
    }

    private static func examine(_ connection: borrowing PostgresConnection) throws(SchemaError) -> (
        isYugabyteDB: Bool, target: String
    ) {
        do {
            try connection.becomeReplicaWherePermitted()
            let version = try connection.query(
                "select pg_catalog.version()", doing: "ask the target's version")
            return (version.scalar?.contains("-YB-") ?? false, try identity(connection))
        } catch {
            throw .server(error)
        }
    }

    /// Returns what distinguishes the database from one of the same place and name.
    private static func identity(_ connection: borrowing PostgresConnection) throws(PostgresError) -> String {
        do {
            return try connection.query(file: PackageResources.read_target_sql, doing: "identify the target")
                .scalar ?? ""
        } catch {
            guard error.kind == .server, !error.isConnectionLoss else { throw error }
            // The role may not read the server's control data, or the server has none.
            return try connection.query(
                "select oid::text from pg_catalog.pg_database where datname = pg_catalog.current_database()",
                doing: "identify the target"
            ).scalar ?? ""
        }
    }

    /// Applies the settings of a file: its search path and whatever else pg_dump set.
    mutating func apply(_ script: [SQLStatement], of file: String) throws(PostgresError) {
        let texts = script.map(\.text)
        guard settings != texts else { return }
        settings = nil
        try connection.execute("reset all", doing: "reset the session")
        // An event trigger that logs DDL would fill a table that is migrated.
        try connection.becomeReplicaWherePermitted()
        for text in texts {
            do {
                try connection.execute(text, doing: "apply the settings of \(file)")
            } catch  where error.sqlState == "42704" {
                // A newer pg_dump sets parameters that an older server lacks, such as transaction_timeout.
            }
        }
        settings = texts
    }

    // MARK: Several steps at once

    /// Runs steps in one transaction with one message, as a whole or not at all.
    func runTogether(_ steps: [ImportStep]) throws(StepFailure) {
        let statements = steps.flatMap(\.statements)
        let sql = (["begin;"] + statements.map(\.text) + [Self.transactionNumber]).joined(separator: "\n")
        let number: String?
        do {
            number = try connection.execute(sql, doing: "create \(steps.count) objects").scalar
        } catch {
            let failure = StepFailure(.error, error, statement: nil)
            try rollBack(after: failure)
            throw failure
        }
        try commit(statements, transaction: number)
    }

    private static let transactionNumber = "select pg_catalog.pg_current_xact_id()::text;"

    /// Ends the open transaction, and keeps in the journal that its statements took effect.
    private func commit(_ statements: [SQLStatement], transaction number: String?) throws(StepFailure) {
        do throws(StepFailure) {
            if let afterEachStep { try hook(afterEachStep, statements) }
            do { try journal.begin(statements.compactMap(\.key), transaction: number) } catch {
                throw StepFailure(error)
            }
            try plain("commit")
        } catch {
            try rollBack(after: error)
            throw error
        }
        do { try journal.done(statements.compactMap(\.key)) } catch { throw StepFailure(error) }
    }

    private func hook(_ afterEachStep: CreationHook, _ statements: [SQLStatement]) throws(StepFailure) {
        do { try afterEachStep(connection, statements.map(\.text)) } catch {
            throw StepFailure(error.isTransient ? .conflict : .error, error, statement: nil)
        }
    }

    // MARK: One step

    /// Runs a step as a whole or not at all, and again after a conflict.
    ///
    /// - Parameter isLast: whether no other statement can cure what it lacks
    func run(_ step: ImportStep, isLast: Bool) throws(StepFailure) -> StepOutcome {
        var attempts = 0
        // YugabyteDB commits DDL statement by statement, even in a transaction block.
        var inTransaction = !isYugabyteDB
        while true {
            do {
                return try runOnce(step.statements, inTransaction: inTransaction, isLast: isLast)
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

    private func runOnce(_ statements: [SQLStatement], inTransaction: Bool, isLast: Bool)
        throws(StepFailure) -> StepOutcome
    {
        var outcome = StepOutcome()
        var done: [SQLStatement] = []
        if inTransaction { try plain("begin") }
        for (index, statement) in statements.enumerated() {
            if let key = statement.key, journal.applied.contains(key) { continue }
            do {
                let isDone = try perform(
                    statement, &outcome, inTransaction: inTransaction, isLast: isLast)
                if isDone { done.append(statement) }
            } catch {
                // The object is there without what this statement adds to it.
                guard options.continueOnError, index > 0, error.isOfStatement(isLast: isLast) else {
                    throw error
                }
                if inTransaction { try plain(Self.rollBackStatement) }
                outcome.failures.append(error)
            }
        }
        guard inTransaction else {
            if let afterEachStep { try hook(afterEachStep, statements) }
            return outcome
        }
        try commit(done, transaction: try transactionNumber())
        return outcome
    }

    private func transactionNumber() throws(StepFailure) -> String? {
        do {
            return try connection.execute(Self.transactionNumber, doing: "ask the transaction").scalar
        } catch {
            throw StepFailure(error.isTransient ? .conflict : .error, error, statement: nil)
        }
    }

    private func rollBack(after failure: StepFailure) throws(StepFailure) {
        guard !failure.isConnectionLoss else { throw failure }
        try plain("rollback")
    }

    func plain(_ sql: String) throws(StepFailure) {
        do {
            try connection.execute(sql, doing: sql)
        } catch {
            throw StepFailure(error.isTransient ? .conflict : .error, error, statement: nil)
        }
    }
}
