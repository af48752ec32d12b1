import Records

/// The parameters of a connection that an operator can give, except the password, which is never in a file of
/// ours.
package struct ConnectionParameters: Hashable, Sendable, Codable {
    package var host: String
    package var port: Int
    package var database: String
    package var user: String
    /// `disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`.
    package var sslMode: String
    package var sslCert: String
    package var sslKey: String
    package var sslRootCert: String
    package var sslCRL: String

    package init(
        host: String, port: Int, database: String, user: String, sslMode: String = "prefer",
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

    /// The database as messages name it: `host:port/database`.
    package var place: String { "\(host):\(port)/\(database)" }

    /// Returns libpq's keywords and values (manual chapter "Parameter Key Words"). An empty value leaves
    /// libpq its default, so that `PGPASSFILE` and the like work. Without `options` the session has the
    /// server's own settings, as an application has.
    func keywords(password: String?, applicationName: String, replication: Bool, options: String?)
        -> [(String, String)]
    {
        var pairs = [
            ("host", host), ("port", String(port)), ("dbname", database), ("user", user),
            ("sslmode", sslMode), ("sslcert", sslCert), ("sslkey", sslKey), ("sslrootcert", sslRootCert),
            ("sslcrl", sslCRL), ("application_name", applicationName), ("client_encoding", "UTF8"),
            ("connect_timeout", "10"), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "60000"), ("options", options ?? ""),
        ]
        if let password, !password.isEmpty { pairs.append(("password", password)) }
        if replication { pairs.append(("replication", "database")) }
        return pairs.filter { !$0.1.isEmpty }
    }
}

/// The parameters of a connection and its password, in the memory of a process.
package struct DatabaseAccess: Sendable {
    package let parameters: ConnectionParameters
    package let password: String?

    package init(parameters: ConnectionParameters, password: String?) {
        self.parameters = parameters
        self.password = password
    }
}
