import Glibc
import Records

/// A connection to a server.
///
/// Calls block, so it lives inside an actor with a `SessionThread`, never on the shared pool. Every call
/// throws `PostgresError`; after one whose `isConnectionLoss` is true the connection cannot be used any more.
package struct PostgresConnection: ~Copyable {
    /// The libpq connection. Only the files `PostgresConnection+….swift` use it.
    let libpq: LibpqConnection
    package let place: String
    package let user: String
    /// The settings that the session pins; nil if it has the server's own.
    package let settings: SessionSettings?

    /// Connects. Throws a `PostgresError` of kind `connection`, with the server's reason, if that fails; of
    /// kind `pooler` if no session of a server's own answers.
    ///
    /// - Parameter settings: the settings to pin; nil for the server's own, as an application has them
    package init(
        _ access: DatabaseAccess, applicationName: String, settings: SessionSettings?,
        replication: Bool = false
    ) throws(PostgresError) {
        let mark = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        let keywords = access.parameters.keywords(
            password: access.password, applicationName: applicationName, replication: replication,
            options: settings?.options(mark: mark))
        let libpq = try LibpqConnection(keywords, place: access.parameters.place)
        self = try Self(libpq, access.parameters, settings).pinned(mark: mark)
    }

    private init(
        _ libpq: consuming LibpqConnection, _ parameters: ConnectionParameters, _ settings: SessionSettings?
    ) {
        self.libpq = libpq
        place = parameters.place
        user = parameters.user
        self.settings = settings
    }

    /// Returns this connection with all settings pinned, after the proof that the session is its own.
    private consuming func pinned(mark: String) throws(PostgresError) -> Self {
        guard let settings else { return self }
        let identity = SessionIdentity(mark: mark, announcedProcessID: processID)
        let first = try readIdentity(settings, mark: mark)
        var verdict = identity.verdict(first)
        if verdict == .askAgain { verdict = identity.verdict(first, try readIdentity(settings, mark: mark)) }
        switch verdict {
        case .ownSession: return self
        case .askAgain: throw .pooled(place: place, reason: "its session cannot be distinguished from others")
        case .pooled(let reason): throw .pooled(place: place, reason: reason)
        }
    }

    private func readIdentity(_ settings: SessionSettings, mark: String) throws(PostgresError)
        -> SessionIdentity.Reading
    {
        let row = try execute(settings.completion(mark: mark), doing: "pin the session's settings").rows.first
        return SessionIdentity.Reading(processID: row?[0].flatMap { Int($0) } ?? 0, mark: row?[1])
    }

    /// 150004 for 15.4 (libpq manual, `PQserverVersion`).
    package var serverVersion: Int { libpq.serverVersion }

    package var processID: Int { libpq.processID }

    package func parameterStatus(_ name: String) -> String? { libpq.parameterStatus(name) }

    // MARK: For the other files of this type

    /// Returns the error that a result carries; a lost connection if it has no SQLSTATE.
    func failure(_ result: borrowing LibpqResult, doing: String) -> PostgresError {
        guard result.field(.sqlState)?.isEmpty == false else { return brokenConnection(doing) }
        return PostgresError(doing: doing) { result.field($0) }
    }

    func brokenConnection(_ doing: String) -> PostgresError {
        PostgresError(kind: .connection, message: libpq.errorText, doing: "\(doing) at \(place)")
    }

    /// Waits until the socket is ready for `events`, or the time is over.
    func awaitSocket(_ events: Int32, milliseconds: Int) throws(PostgresError) {
        let socket = libpq.socket
        guard socket >= 0 else { throw brokenConnection("wait for the server") }
        var waiting = pollfd(fd: socket, events: Int16(events), revents: 0)
        // One descriptor, as the count says.
        unsafe _ = poll(&waiting, 1, Int32(milliseconds))
    }
}
