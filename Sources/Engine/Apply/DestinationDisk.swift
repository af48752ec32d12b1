import Postgres

/// Servers that acknowledge a commit before it is on their disk, and may lose it in a crash. For what streams that is well: the
/// watermark goes with the rows, and the log has them. For all else, which the journal takes for done, it is not.
extension PostgresConnection {
    /// Has this session's commits wait for the disk where the server's setting is not to.
    func awaitDisk() throws {
        try query(
            "select pg_catalog.set_config('synchronous_commit', 'local', false) "
                + "where current_setting('synchronous_commit') = 'off'",
            doing: "have the session's commits wait for the disk"
        )
    }

    /// Has them acknowledged as the server is set to, for a session that only streams from here on.
    func acknowledgeAsSet() throws {
        try execute("reset synchronous_commit", doing: "have commits acknowledged as the server is set to")
    }

    /// Brings all that is committed here to the disk, whichever session's it is: a commit that waits for its own record waits for
    /// all before it (server file xact.c, RecordTransactionCommit). It has to write something for that.
    func makeCommitsDurable(migration: String) throws {
        try execute("set synchronous_commit = local", doing: "make the commits durable")
        try writeBarrier("durable", asRowOf: migration)
    }
}
