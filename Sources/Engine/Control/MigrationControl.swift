import Records

/// The interface of a migration for console and verbs: they read its state, and queue requests.
///
/// Implementations may be called from any thread. Every call is short (a few milliseconds), and reads or
/// writes only the export directory. No call touches a database.
package protocol MigrationControl: Sendable {
    func status() throws -> MigrationStatus

    /// Lines of the event log with an id above `id`, oldest first. If there are more than `limit`, the newest
    /// of them.
    func events(after id: Int64, limit: Int) throws -> [LogEvent]

    /// The newest incidents, newest first. Their keys are for the operator only.
    func incidents(limit: Int) throws -> [Incident]

    /// Inserts a request into the journal; returns its id. Throws `RequestRefused` with the reason if it is
    /// not legal now, or another console has the wheel.
    ///
    /// - Parameter plan: the plan that the operator was shown; it is refused if another one would run. Nil if
    ///   none was shown.
    func leave(_ request: Request, by: String, seen plan: PlanHash?) throws -> Int64

    /// Takes the wheel from whoever has it, so that this console sends requests; `MigrationStatus.wheel` says
    /// who that is. The operator was asked before. Throws `RequestRefused` if this is no console.
    func takeWheel() throws

    func record(of request: Int64) throws -> RequestRecord?

    /// The requests that nobody has ended yet, oldest first.
    func openRecords() throws -> [RequestRecord]

    /// The newest request with that title, so that a reopened console shows its result again.
    func newestRecord(titled title: String) throws -> RequestRecord?

    /// The actions of the request, statement by statement.
    func plan(for request: Request) throws -> [PlanLine]

    /// The tables of the source as a worker read them last, in name order; nil if none has.
    func offeredTables() throws -> [OfferedTable]?

    /// Why the request is not legal now; nil if it is.
    func refusal(of request: Request) throws -> String?

    /// The gates of a cutover with these options, each with the age of its facts.
    func gates(for options: CutoverOptions) throws -> [Gate]

    /// The differences between the catalogs that are not accepted, each as an acceptance without a reason.
    func openDifferences() throws -> [AcceptedDifference]

    /// What the newest analysis of the schema found, and what was decided about it; nil if there is none.
    func schemaReview() throws -> SchemaReview?
    /// The differences that the worker's verification has found in the leg under way, with values; nil if it
    /// has not begun.
    func foundDifferences() throws -> FoundDifferences?

    /// Writes the statements that mend these differences into a file of `reports/`; returns its path.
    func writeRepairs() throws -> String

    /// Asks the processes that run the roles to read the gates' facts again at once.
    func readGatesAgain() throws

    /// The connection forms as the operator filled them in; without passwords.
    func databases() throws -> DatabaseForms

    /// Replaces the connection forms. The schemas can change only in the phases `prepare` and `schema`.
    func keep(_ forms: DatabaseForms) throws

    /// Whether a worker runs on this export directory.
    func workerIsAlive() -> Bool

    /// Starts the worker, detached from this terminal; returns its process id. Passwords are passed in the
    /// environment. If one is nil, libpq finds it by itself, for example in `PGPASSFILE`.
    func startWorker(sourcePassword: String?, targetPassword: String?) throws -> Int32
}

extension MigrationControl {
    package func leave(_ request: Request, by: String) throws -> Int64 {
        try leave(request, by: by, seen: nil)
    }
}

/// What the databases of a migration are for. Consoles show it, so that nobody takes one for the other.
package enum Environment: String, Sendable, Codable, CaseIterable {
    case development = "dev"
    case staging = "stage"
    case production = "prod"
}

/// The connection forms of both databases, and the schemas.
package struct DatabaseForms: Sendable, Codable, Equatable {
    package var source: ConnectionForm
    package var target: ConnectionForm
    /// Schemas to migrate, in the operator's order.
    package var schemas: [String]
    /// What the databases are for; nil if the operator did not say.
    package var environment: Environment?

    package init(
        source: ConnectionForm, target: ConnectionForm, schemas: [String], environment: Environment? = nil
    ) {
        self.source = source
        self.target = target
        self.schemas = schemas
        self.environment = environment
    }

    package static let empty = DatabaseForms(
        source: ConnectionForm(host: "localhost", port: 5432),
        target: ConnectionForm(host: "127.0.0.1", port: 5433),
        schemas: ["public"])
}

/// The connection to one database, as the operator types it.
package struct ConnectionForm: Sendable, Codable, Equatable {
    package var host: String
    package var port: Int
    package var database: String
    package var user: String
    package var sslMode: String
    package var sslCert: String
    package var sslKey: String
    package var sslRootCert: String
    package var sslCRL: String

    package init(
        host: String, port: Int, database: String = "", user: String = "", sslMode: String = "prefer",
        sslCert: String = "", sslKey: String = "", sslRootCert: String = "", sslCRL: String = ""
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.sslMode = sslMode
        self.sslCert = sslCert
        self.sslKey = sslKey
        self.sslRootCert = sslRootCert
        self.sslCRL = sslCRL
    }

    package var isComplete: Bool { !host.isEmpty && port > 0 && !database.isEmpty && !user.isEmpty }
}

/// The error that refuses a request or a step, with a sentence for the operator.
package struct RequestRefused: Error, Sendable, Equatable, CustomStringConvertible {
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }

    package var description: String { reason }
}
