extension PostgresConnection {
    /// Throws 57P03, the error of a server that is starting, if the server is a standby or recovers. It takes
    /// no writes and has no end of WAL of its own, so every role waits until it is promoted.
    package func checkPromoted() throws(PostgresError) {
        guard try isInRecovery() else { return }
        throw PostgresError(
            kind: .server, sqlState: "57P03", message: "it is a standby that was not promoted yet",
            doing: "work at \(place)")
    }

    private func isInRecovery() throws(PostgresError) -> Bool {
        // Servers from 14 on report it when they connect.
        if let reported = parameterStatus("in_hot_standby") { return reported == "on" }
        return try query("select pg_catalog.pg_is_in_recovery()", doing: "read the state of \(place)").scalar
            == "t"
    }
}
