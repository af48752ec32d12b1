import Records

/// What a face (console or verb) may do with a migration: read it, and leave requests.
///
/// Implementations are safe to call from any thread; every call is short (a few milliseconds) and reads or
/// writes only the export directory. No call touches a database.
package protocol MigrationControl: Sendable {
    func status() throws -> MigrationStatus

    /// Log lines with an id above `id`, oldest first, at most `limit` (the newest ones where there are more).
    func events(after id: Int64, limit: Int) throws -> [LogEvent]

    /// The newest changes that could not be applied, newest first. Their keys are for the operator's eyes.
    func incidents(limit: Int) throws -> [Incident]

    /// Leaves a request. Throws `RequestRefused` at once, with the reason, where the phase forbids it.
    func leave(_ request: Request, by: String) throws -> Int64

    func record(of request: Int64) throws -> RequestRecord?

    /// The newest record of a request of that kind, so that a reopened console shows its result again.
    func newestRecord(titled title: String) throws -> RequestRecord?

    /// What the request would do, statement by statement.
    func plan(for request: Request) throws -> [PlanLine]

    /// Why the request is not legal now, nil where it is.
    func refusal(of request: Request) throws -> String?

    /// What was answered in the connection forms; without passwords.
    func databases() throws -> DatabaseForms

    /// Keeps the connection forms. Only legal in the phases `prepare` and `schema`.
    func keep(_ forms: DatabaseForms) throws

    /// Whether a worker lives on this export directory.
    func workerIsAlive() -> Bool

    /// Starts the worker, detached from this terminal; returns its process id. Passwords go by the
    /// environment, nil leaves them to `PGPASSFILE` and the like.
    func startWorker(sourcePassword: String?, targetPassword: String?) throws -> Int32
}

/// What the connection forms ask for.
package struct DatabaseForms: Sendable, Codable, Equatable {
    package var source: ConnectionForm
    package var target: ConnectionForm
    /// Schemas to migrate, in the operator's order.
    package var schemas: [String]

    package init(source: ConnectionForm, target: ConnectionForm, schemas: [String]) {
        self.source = source
        self.target = target
        self.schemas = schemas
    }

    package static let empty = DatabaseForms(
        source: ConnectionForm(host: "localhost", port: 5432),
        target: ConnectionForm(host: "127.0.0.1", port: 5433),
        schemas: ["public"])
}

/// One database's connection as an operator types it.
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

/// The engine's word that a request is not legal now; the same sentence in every face.
package struct RequestRefused: Error, Sendable, Equatable, CustomStringConvertible {
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }

    package var description: String { reason }
}
