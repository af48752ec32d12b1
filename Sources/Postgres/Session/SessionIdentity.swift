/// The test whether a new connection has a server session of its own, or one that a pooler shares.
///
/// A session keeps settings, locks and the replication role between transactions. A pooler may give a client
/// another session for each transaction, or drop the options of the startup message. Then triggers would fire
/// when changes are applied, and other clients would get our settings. So nothing is set before the verdict.
struct SessionIdentity: Equatable {
    /// A session as one transaction read it.
    struct Reading: Equatable {
        let processID: Int
        /// The value in the session's startup message of `SessionSettings.markName`.
        let mark: String?
    }

    /// The result of the test.
    enum Verdict: Equatable {
        case ownSession
        /// The process is not the one announced at the start; another transaction has to read it.
        case askAgain
        case pooled(reason: String)
    }

    /// The mark that this connection sent.
    let mark: String
    /// The process that the server announced at the start of the connection.
    let announcedProcessID: Int

    func verdict(_ first: Reading, _ second: Reading? = nil) -> Verdict {
        guard first.mark == mark else {
            return .pooled(
                reason: first.mark == nil
                    ? "the session lacks the settings that the connection asked for"
                    : "the session was begun by another connection")
        }
        // A proxy that forwards a whole session may announce a process ID of its own.
        if first.processID == announcedProcessID { return .ownSession }
        guard let second else { return .askAgain }
        return second == first
            ? .ownSession : .pooled(reason: "two transactions of one connection ran in different sessions")
    }
}

extension PostgresError {
    /// Returns the refusal of a connection that a pooler shares.
    static func pooled(place: String, reason: String) -> PostgresError {
        PostgresError(
            kind: .pooler, message: "a connection pooler is in front of the server: \(reason)",
            doing: "connect to \(place)", hint: poolerHint)
    }

    /// The remedy for a pooler, whether it refused the connection or was detected.
    static let poolerHint =
        "give the host and port of the server itself, not those of PgBouncer or of another pooler: a "
        + "migration needs sessions of its own, with the settings it asks for"
}
