import Engine
import Postgres
import Records

/// The checksums are computed on the server. Those of two servers are comparable, because both print values
/// under the same settings.
extension TableChecksums {
    /// Returns `rows:checksum` by table, all read under one snapshot. On YugabyteDB each table has a snapshot
    /// of its own, because the server keeps none for longer than a quarter of an hour
    /// (timestamp_history_retention_interval_sec).
    static func read(
        _ connection: borrowing PostgresConnection, tables: [Table], begin note: (Table) -> Void = { _ in },
        meanwhile proceed: () throws -> Void
    ) throws -> [QualifiedName: String] {
        var found: [QualifiedName: String] = [:]
        let begin = "begin isolation level repeatable read read only"
        // Both sides hash UTF-8. Text that is UTF-8 already need not be converted.
        let isUTF8 = connection.parameterStatus("server_encoding") == "UTF8"
        let beginsAnew = try connection.isYugabyteDB()
        try connection.execute(begin, doing: "begin the checksums")
        for table in tables {
            try proceed()
            note(table)
            if beginsAnew { try connection.execute("commit; \(begin)", doing: "begin the next checksum") }
            found[table.name] =
                try connection.query(
                    sql(of: table, isUTF8: isUTF8), doing: "checksum \(table.name)", meanwhile: proceed
                ).scalar ?? ""
        }
        try connection.execute("commit", doing: "end the checksums")
        return found
    }

    /// The statement that reads the number of rows and the checksum of a table.
    ///
    /// - Parameter isUTF8: whether the server's text is UTF-8 already
    static func sql(of table: Table, isUTF8: Bool) -> String {
        let columns = table.sentColumns.map(compared).joined(separator: ", ")
        // A row prints its values by their types' output functions, as the stream and COPY do. For some
        // types, a cast to text is another function.
        let text = "row(\(columns))::text"
        let bytes = isUTF8 ? text : "pg_catalog.convert_to(\(text), 'UTF8')"
        // The sum of the rows' hashes does not depend on their order, and counts a duplicate row twice.
        return "select count(*)::text || ':' || coalesce(sum(('x' || substr(md5(\(bytes)), 1, "
            + "16))::bit(64)::bigint::numeric), 0)::text from \(table.comparedRows)"
    }

    /// A column's value as it is compared. Whenever the server prints an XML value, it drops a leading line
    /// end (server file src/backend/utils/adt/xml.c, xml_out_internal), so that the copy has fewer of them
    /// than the original.
    static func compared(_ column: Column) -> String {
        let value = "t.\(quoteIdentifier(column.name))"
        guard column.typeName == "xml" else { return value }
        return
            "case when \(value) is not null then pg_catalog.ltrim(pg_catalog.format('%s', \(value)), "
            + "pg_catalog.chr(10)) end"
    }
}

extension Table {
    /// The rows that are compared, as `t`. Rows of inheriting tables are not among them, because such tables
    /// are migrated by themselves or not at all. Rows of partitions without a stream are left out on both
    /// sides; the other side may have no partition of that name.
    var comparedRows: String {
        guard !unstreamedParts.isEmpty else { return "\(rowsOnly) t" }
        let names = unstreamedParts.map { "(\(quoteLiteral($0.name.quoted)))" }.joined(separator: ", ")
        return "\(name.quoted) t where t.tableoid <> all (array(select pg_catalog.to_regclass(p.name)::oid "
            + "from (values \(names)) p(name) where pg_catalog.to_regclass(p.name) is not null))"
    }
}
