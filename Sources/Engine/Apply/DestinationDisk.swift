import Postgres

extension PostgresConnection {
    /// Whether commits are acknowledged here before they are on the disk.
    func acknowledgesEarly() throws -> Bool {
        try query("show synchronous_commit", doing: "read how commits are acknowledged").scalar == "off"
    }

    /// Brings all that is committed here to the disk, where the server's `synchronous_commit` does not: a commit that waits for
    /// its own record waits for all before it (server file xact.c, RecordTransactionCommit). It has to write something for that.
    func makeCommitsDurable(migration: String) throws {
        try execute("set synchronous_commit = local", doing: "make the commits durable")
        try writeBarrier("durable", asRowOf: migration)
    }
}
