extension PostgresError {
    /// Whether a running server has refused the login, whatever its language is: the message has FATAL, and
    /// none of the passing causes.
    package var isLoginRefusal: Bool {
        kind == .connection && message.contains("FATAL")
            && !Self.passingRefusals.contains { message.contains($0) }
    }

    /// Messages of a server that starts, stops, recovers or is full (server files postmaster.c and
    /// postinit.c).
    private static let passingRefusals = [
        "starting up", "shutting down", "recovery mode", "not yet accepting connections",
        "not accepting connections",
        "too many clients", "too many connections", "connection slots are reserved", "terminating connection",
    ]

    /// Returns the error of a connection that failed, with the SQLSTATE that its text means: libpq gives none
    /// for a refused connection.
    ///
    /// - Parameter reason: libpq's text in one line
    static func refusedConnection(_ reason: String, place: String) -> PostgresError {
        // PgBouncer and similar poolers accept few startup parameters, and name the one they refuse.
        if ["unsupported startup parameter", "command-line options"].contains(where: reason.contains) {
            return PostgresError(
                kind: .pooler, message: reason, doing: "connect to \(place)", hint: poolerHint)
        }
        let states = [
            ("password authentication failed", "28P01"), ("no password supplied", "28P01"),
            // LDAP, PAM, RADIUS, Peer, certificates and others.
            ("authentication failed", "28000"), ("rejects connection", "28000"),
            ("no pg_hba.conf entry", "28000"), ("is not permitted to log in", "28000"),
            ("certificate verify failed", "28000"), ("server does not support SSL", "28000"),
            ("permission denied for database", "42501"), ("must be superuser or replication role", "42501"),
        ]
        let state =
            states.first { reason.contains($0.0) }?.1
            ?? (reason.contains("does not exist") ? (reason.contains("role \"") ? "28000" : "3D000") : "")
        let hint: String? =
            switch state {
            case "28P01": "give the right password (flag, environment or PGPASSFILE)"
            case "28000": "check the user's name, its right to log in, and pg_hba.conf"
            case "3D000": "check the database's name"
            case "42501": "grant the role what it lacks"
            default: "see that the server runs and that host and port are right"
            }
        return PostgresError(
            kind: .connection, sqlState: state, message: reason, doing: "connect to \(place)", hint: hint)
    }
}
