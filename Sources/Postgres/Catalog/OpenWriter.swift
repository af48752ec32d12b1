import Records

extension PostgresConnection {
    /// Lists all writers of this database: a new slot waits for each of them.
    package func openWriters() throws(PostgresError) -> [OpenWriter] {
        Self.writers(
            try query(
                file: PackageResources.list_writers_sql, [Self.applicationPrefix],
                doing: "search for open transactions"))
    }

    /// Lists the writers of these tables, their partitions and sequences. On YugabyteDB, which does not show
    /// such locks, lists all writers.
    package func openWriters(of tables: [QualifiedName]) throws(PostgresError) -> [OpenWriter] {
        guard try !isYugabyteDB() else { return try openWriters() }
        return Self.writers(
            try query(
                file: PackageResources.list_table_writers_sql,
                [Self.applicationPrefix, Self.textArray(tables.map(\.quoted))],
                doing: "search for open transactions on the tables"))
    }

    /// The statement that ends a writer; $1 is its process ID.
    package static var endingWriter: String {
        String(decoding: PackageResources.end_writer_sql, as: UTF8.self)
    }

    /// The statement that ends a session which was seen.
    package static var endingSession: String {
        String(decoding: PackageResources.end_session_sql, as: UTF8.self)
    }

    /// The statement that lists the writers of tables.
    package static func listingWriters(isYugabyteDB: Bool) -> String {
        String(
            decoding: isYugabyteDB
                ? PackageResources.list_writers_sql : PackageResources.list_table_writers_sql, as: UTF8.self)
    }

    /// The statement that ends the sessions of before a fence.
    package static var disconnecting: String {
        String(decoding: PackageResources.disconnect_sessions_sql, as: UTF8.self)
    }

    /// Returns the transactions that have written to a table and may be committing, each as a mark. Empty on
    /// YugabyteDB, which does not show such locks.
    package func committing(to table: QualifiedName) throws(PostgresError) -> Set<String> {
        guard try !isYugabyteDB() else { return [] }
        let found = try query(
            file: PackageResources.list_committing_sql, [table.quoted],
            doing: "search for transactions that commit")
        return Set(found.rows.compactMap { $0.first.flatMap(\.self) })
    }

    /// Ends the sessions with an open write to one of these tables; returns how many. Those of superusers
    /// stay unless the role is one.
    package func endWriters(of tables: [QualifiedName]) throws(PostgresError) -> Int {
        let writers = try openWriters(of: tables).filter { $0.processID != "0" }
        var ended = 0
        do {
            for writer in writers {
                let answer = try query(
                    Self.endingWriter, [writer.processID],
                    doing: "disconnect a session that writes")
                if answer.scalar == "t" { ended += 1 }
            }
        } catch {
            throw error.mended(by: "grant pg_signal_backend to \(quoteIdentifier(user))")
        }
        return ended
    }

    /// Cancels the statement of a session, or ends the session, if it is still the one that began at that
    /// time. Returns whether it was signalled; nil if it is gone.
    package func endSession(_ processID: Int, startedAt: String, cancelsOnly: Bool) throws(PostgresError)
        -> Bool?
    {
        do {
            return try query(
                file: PackageResources.end_session_sql,
                [
                    String(processID), startedAt, cancelsOnly ? "cancel" : "terminate",
                    Self.applicationPrefix,
                ],
                doing: "end session \(processID)"
            ).rows.first.map { $0[0] == "true" }
        } catch {
            throw error.mended(by: "grant pg_signal_backend to \(quoteIdentifier(user))")
        }
    }

    /// Lists the holders of locks on these tables or their partitions for which DDL of ours waits.
    package func lockHolders(of tables: [QualifiedName]) throws(PostgresError) -> [OpenWriter] {
        Self.writers(
            try query(
                file: PackageResources.list_lock_holders_sql, [Self.textArray(tables.map(\.quoted))],
                doing: "search for locks on the tables"))
    }

    /// Lists the sessions that the session with this process id waits for now.
    package func blockers(of processID: Int) throws(PostgresError) -> [OpenWriter] {
        Self.writers(
            try query(
                file: PackageResources.list_blockers_sql, [String(processID)],
                doing: "read what process \(processID) waits for"))
    }

    private static func writers(_ result: ResultSet) -> [OpenWriter] {
        result.rows.map { row in
            OpenWriter(
                processID: row[0] ?? "", user: row[1] ?? "", application: row[2] ?? "",
                ageSeconds: row[3].flatMap { Int64($0) }, tables: row.count > 4 ? row[4] : nil,
                state: row.count > 5 ? row[5] : nil,
                since: row.count > 6 ? row[6].flatMap { Double($0) } : nil,
                sessionStart: row.count > 7 ? row[7] : nil)
        }
    }
}
