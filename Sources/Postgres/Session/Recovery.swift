extension PostgresConnection {
    /// Throws where the server is a standby or recovers, as a server does that is not ready yet (57P03). It takes no writes and
    /// names no end of its log, so every role waits until it is promoted.
    package func checkPromoted() throws(PostgresError) {
        guard try isInRecovery() else { return }
        throw PostgresError(
            kind: .server, sqlState: "57P03", message: "it is a standby that was not promoted yet",
            doing: "work at \(place)")
    }

    private func isInRecovery() throws(PostgresError) -> Bool {
        // Servers from 14 on tell it at the connection.
        if let told = parameterStatus("in_hot_standby") { return told == "on" }
        return try query("select pg_catalog.pg_is_in_recovery()", doing: "look at \(place)").scalar == "t"
    }
}
