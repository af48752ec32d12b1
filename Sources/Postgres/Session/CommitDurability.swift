/// Durability of commits on servers with `synchronous_commit = off`, which acknowledge a commit before it is
/// on disk and may lose it in a crash. For streamed changes that is safe: the watermark is lost with the
/// rows, and the log has them. What the journal records as done must be on disk.
extension PostgresConnection {
    /// Makes this session's commits wait for the disk, whatever the server's setting.
    package func awaitDisk() throws(PostgresError) {
        try query(
            "select pg_catalog.set_config('synchronous_commit', 'local', false) where "
                + "current_setting('synchronous_commit') = 'off'",
            doing: "have the session's commits wait for the disk"
        )
    }

    /// Makes commits follow the server's setting again, for a session that only streams from now on.
    package func acknowledgeAsSet() throws(PostgresError) {
        try execute("reset synchronous_commit", doing: "have commits acknowledged as the server is set to")
    }
}
