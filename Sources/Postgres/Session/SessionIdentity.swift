/// The judgement whether a new connection leads to a server's session of its own, or to a pooler that shares sessions.
///
/// A session keeps settings, locks and the replication role from one transaction to the next. A pooler that gives a client another
/// session for each transaction, or drops what the startup message asked for, would apply changes with triggers firing, and
/// would leave our settings to other clients. Nothing is set before the judgement.
struct SessionIdentity: Equatable {
    /// What one transaction saw of its session.
    struct Reading: Equatable {
        let processID: Int
        /// What the startup message of the session carried under `SessionSettings.markName`.
        let mark: String?
    }

    enum Verdict: Equatable {
        case ownSession
        /// The process is not the one announced at the start, so that another transaction has to be asked.
        case askAgain
        case pooled(reason: String)
    }

    /// The mark that this connection sent.
    let mark: String
    /// The process that the server named at the start of the connection.
    let announcedProcessID: Int

    func verdict(_ first: Reading, _ second: Reading? = nil) -> Verdict {
        guard first.mark == mark else {
            return .pooled(
                reason: first.mark == nil
                    ? "the session lacks the settings that the connection asked for"
                    : "the session was begun by another connection")
        }
        // A proxy that forwards a whole session may announce a number of its own.
        if first.processID == announcedProcessID { return .ownSession }
        guard let second else { return .askAgain }
        return second == first
            ? .ownSession : .pooled(reason: "two transactions of one connection ran in different sessions")
    }
}

extension PostgresError {
    /// The refusal of a connection that a pooler shares among clients.
    static func pooled(place: String, reason: String) -> PostgresError {
        PostgresError(
            kind: .pooler, message: "a connection pooler stands before the server: \(reason)",
            doing: "connect to \(place)", hint: poolerHint)
    }

    /// What to do about a pooler, whether it refused the connection or was found out.
    static let poolerHint =
        "give the host and port of the server itself, not those of PgBouncer or of another pooler: a migration needs sessions "
        + "of its own, with the settings it asks for"
}
