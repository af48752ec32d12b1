import Postgres
import Records

/// Compares all tables and sequences of both databases. It shares no code with the migration's own
/// verification. The result is valid only while nobody writes. Materialized views are left out, because they
/// have no rows of their own.
///
/// Blocks while the servers read every row.
package func compareDatabases(source: DatabaseAccess, target: DatabaseAccess, schemas: [String]) throws
    -> DatabaseComparison
{
    let sourceReading = try DatabaseReading(source, schemas: schemas)
    let targetReading = try DatabaseReading(target, schemas: schemas)
    let tables = Set(sourceReading.tables.keys).union(targetReading.tables.keys).sorted()
    let sequences = Set(sourceReading.sequences.keys).union(targetReading.sequences.keys).sorted()
    return DatabaseComparison(
        tables: tables.map {
            TableComparison(table: $0, source: sourceReading.tables[$0], target: targetReading.tables[$0])
        },
        sequences: sequences.map {
            let source = sourceReading.sequences[$0]
            let target = targetReading.sequences[$0]
            return SequenceComparison(
                sequence: $0, increment: source?.increment ?? target?.increment ?? 1,
                sourceNext: source?.next,
                targetNext: target?.next)
        })
}

/// The tables and sequences of one database, read in one snapshot.
private struct DatabaseReading {
    /// The position of a sequence.
    struct Sequence {
        let increment: Int64
        let next: Int64
    }

    private(set) var tables: [QualifiedName: TableDigest] = [:]
    private(set) var sequences: [QualifiedName: Sequence] = [:]

    init(_ access: DatabaseAccess, schemas: [String]) throws {
        // The connection's settings give every value the same text form on both sides.
        let session = try PostgresConnection(
            access, applicationName: "switchback demo comparison", settings: .reading)
        try session.execute("begin isolation level repeatable read read only", doing: "compare")
        let list = arrayLiteral(schemas)
        let columns = try session.query(
            Shop.text(PackageResources.list_columns_sql), [list], doing: "list the tables")
        for row in columns.rows {
            let name = QualifiedName(schema: row[0]!, name: row[1]!)
            tables[name] = try Self.digest(of: name, columns: row[2]!, session)
        }
        let found = try session.query(
            Shop.text(PackageResources.list_sequences_sql), [list], doing: "list the sequences")
        for row in found.rows {
            let name = QualifiedName(schema: row[0]!, name: row[1]!)
            let increment = Int64(row[2]!) ?? 1
            let next = try session.query(
                "select last_value + case when is_called then $1::bigint else 0 end from \(name.quoted)",
                [String(increment)], doing: "compare the sequence \(name)")
            sequences[name] = Sequence(increment: increment, next: Int64(next.scalar ?? "") ?? 0)
        }
        try session.execute("commit", doing: "compare")
    }

    /// Reads the content of one table. The server has quoted the list `columns`.
    private static func digest(
        of table: QualifiedName, columns: String, _ session: borrowing PostgresConnection
    ) throws -> TableDigest {
        // The hash is of UTF-8, so that databases with different encodings can be compared.
        let text =
            session.parameterStatus("server_encoding") == "UTF8"
            ? "row(\(columns))::text" : "convert_from(convert_to(row(\(columns))::text, 'UTF8'), 'SQL_ASCII')"
        let hash = "hashtextextended(\(text), 0)::numeric"
        let result = try session.query(
            "select count(*), coalesce(sum(\(hash)), 0) from \(table.quoted)", doing: "compare \(table)")
        return TableDigest(rows: Int64(result.rows[0][0]!) ?? 0, checksum: result.rows[0][1]!)
    }
}
