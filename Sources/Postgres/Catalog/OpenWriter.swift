import Records

/// A session, or a prepared transaction, that has written and not ended its transaction.
package struct OpenWriter: Sendable, Equatable, CustomStringConvertible {
    /// `0` for a prepared transaction.
    package let processID: String
    package let user: String
    package let application: String
    /// Nil where the role does not see it.
    package let ageSeconds: Int64?
    /// The tables it may have written to, where they were asked for.
    package let tables: String?

    /// `4711 shop psql (35 s, public.orders)`
    package var description: String {
        let who = [processID, user, application].filter { !$0.isEmpty }.joined(separator: " ")
        let what = [ageSeconds.map { "\($0) s" }, tables].compactMap { $0 }.joined(separator: ", ")
        return what.isEmpty ? who : "\(who) (\(what))"
    }

    /// The first five of several, as messages name them.
    package static func names(_ writers: [OpenWriter]) -> String {
        writers.prefix(5).map(\.description).joined(separator: ", ")
            + (writers.count > 5 ? " and \(writers.count - 5) more" : "")
    }
}

extension PostgresConnection {
    /// All writers of this database: a slot waits for every one of them.
    package func openWriters() throws(PostgresError) -> [OpenWriter] {
        Self.writers(
            try query(
                file: PackageResources.list_writers_sql, [Self.applicationPrefix],
                doing: "look for open transactions"))
    }

    /// The writers of these tables, their partitions and sequences. On YugabyteDB, which shows no such locks, all writers.
    package func openWriters(of tables: [QualifiedName]) throws(PostgresError) -> [OpenWriter] {
        guard try !isYugabyteDB() else { return try openWriters() }
        return Self.writers(
            try query(
                file: PackageResources.list_table_writers_sql,
                [Self.applicationPrefix, Self.textArray(tables.map(\.quoted))],
                doing: "look for open transactions on the tables"))
    }

    /// Ends the sessions that hold an open write to one of these tables; returns how many.
    package func endWriters(of tables: [QualifiedName]) throws(PostgresError) -> Int {
        let writers = try openWriters(of: tables).filter { $0.processID != "0" }
        do {
            for writer in writers {
                try query(
                    "select pg_catalog.pg_terminate_backend($1::int)", [writer.processID],
                    doing: "disconnect a session that writes")
            }
        } catch {
            throw error.mended(by: "grant pg_signal_backend to \(quoteIdentifier(user))")
        }
        return writers.count
    }

    /// Those who hold a lock on one of these tables or their partitions that DDL of ours waits for.
    package func lockHolders(of tables: [QualifiedName]) throws(PostgresError) -> [OpenWriter] {
        Self.writers(
            try query(
                file: PackageResources.list_lock_holders_sql, [Self.textArray(tables.map(\.quoted))],
                doing: "look for locks on the tables"))
    }

    private static func writers(_ result: ResultSet) -> [OpenWriter] {
        result.rows.map { row in
            OpenWriter(
                processID: row[0] ?? "", user: row[1] ?? "", application: row[2] ?? "",
                ageSeconds: row[3].flatMap { Int64($0) }, tables: row.count > 4 ? row[4] : nil)
        }
    }
}
