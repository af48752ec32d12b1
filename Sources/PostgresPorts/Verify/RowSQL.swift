import Engine
import Postgres
import Records

/// The statements that read the rows of a table for their comparison.
struct RowSQL {
    let table: VerifiedTable
    /// Whether the server's text is UTF-8 already. Both sides hash UTF-8.
    let isUTF8: Bool
    /// Whether rows have the system columns that say which transaction wrote them.
    let hasVersions: Bool

    // MARK: What is read of a row

    private func bytes(_ text: String) -> String {
        isUTF8 ? text : "pg_catalog.convert_to(\(text), 'UTF8')"
    }

    /// A row prints its values by their types' output functions, as the stream and COPY do. For some types, a
    /// cast to text is another function.
    private var rowBytes: String {
        let values =
            table.table.sentColumns.map(TableChecksums.compared)
            + (table.comparesPartitions ? [partition] : [])
        return bytes("row(\(values.joined(separator: ", ")))::text")
    }

    private var partition: String { "t.tableoid::pg_catalog.regclass" }
    private var hash: String { "('x' || substr(md5(\(rowBytes)), 1, 16))::bit(64)::bigint" }

    /// The values of the key as texts. The digest of a row that no key tells apart.
    private var keys: [String] {
        table.keyColumns.isEmpty ? ["md5(\(rowBytes))"] : table.keyColumns.map { Self.text(Self.column($0)) }
    }

    private var keyBytes: String {
        guard !table.keyColumns.isEmpty else { return rowBytes }
        return bytes("row(\(table.keyColumns.map(Self.column).joined(separator: ", ")))::text")
    }

    private var version: String {
        hasVersions ? "t.tableoid::text || t.xmin::text || t.ctid::text" : "md5(\(rowBytes))"
    }

    private static func column(_ column: Column) -> String { "t.\(quoteIdentifier(column.name))" }

    /// A value's text, by its type's output function.
    private static func text(_ value: String) -> String { "pg_catalog.format('%s', \(value))" }

    private func bucket(of count: Int) -> String {
        "('x' || substr(md5(\(keyBytes)), 1, 8))::bit(32)::bigint % \(count)"
    }

    // MARK: Which rows are read

    private func rows(where conditions: [String]) -> String {
        let source = table.table.comparedRows
        guard !conditions.isEmpty else { return source }
        let word = table.table.unstreamedParts.isEmpty ? "where" : "and"
        return "\(source) \(word) \(conditions.joined(separator: " and "))"
    }

    /// Returns the conditions of a range, and their parameters from `$1` on.
    private func conditions(_ range: RowRange) -> (conditions: [String], parameters: [String]) {
        var conditions: [String] = []
        var parameters: [String] = []
        for (key, sign) in [(range.after, ">"), (range.through, "<=")] {
            guard let key else { continue }
            let values = zip(table.keyColumns, key.values).map { column, value in
                parameters.append(value)
                return "$\(parameters.count)::\(KeyTypes.withoutModifier(column.typeName))"
            }
            let columns = table.keyColumns.map(Self.column).joined(separator: ", ")
            conditions.append("(\(columns)) \(sign) (\(values.joined(separator: ", ")))")
        }
        if let part = range.bucket { conditions.append("\(bucket(of: part.count)) = \(part.number)") }
        return (conditions, parameters)
    }

    /// Returns the condition that a row has one of these keys, and its parameters. The name of `unnest` has
    /// no schema, because only so it takes several arrays; the empty search_path finds the server's own.
    private func condition(_ keys: [RowKey]) -> (condition: String, parameters: [String]) {
        let columns = self.keys.indices
        let parameters = columns.map { column in
            PostgresConnection.textArray(keys.map { $0.values[column] })
        }
        let arrays = columns.map { "$\($0 + 1)::text[]" }.joined(separator: ", ")
        let names = columns.map { "k\($0)" }.joined(separator: ", ")
        let hasOperators = !table.keyColumns.isEmpty && table.keyColumns.allSatisfy(KeyTypes.comparesByValue)
        let (left, right) =
            hasOperators
            ? (
                table.keyColumns.map(Self.column),
                zip(columns, table.keyColumns).map {
                    "k\($0)::\(KeyTypes.withoutModifier($1.typeName))"
                }
            )
            : (self.keys, columns.map { "k\($0)" })
        return (
            "(\(left.joined(separator: ", "))) in (select \(right.joined(separator: ", ")) "
                + "from unnest(\(arrays)) u(\(names)))", parameters
        )
    }

    // MARK: The statements

    typealias Statement = (sql: String, parameters: [String])

    func key(after key: RowKey?, rows: Int) -> Statement {
        let (conditions, parameters) = conditions(RowRange(after: key))
        let columns = table.keyColumns.map(Self.column).joined(separator: ", ")
        return (
            "select \(keys.joined(separator: ", ")) from \(self.rows(where: conditions)) "
                + "order by \(columns) offset \(rows - 1) limit 1", parameters
        )
    }

    func digests(_ range: RowRange, buckets: Int) -> Statement {
        let (conditions, parameters) = conditions(range)
        let number = buckets == 1 ? "0" : bucket(of: buckets)
        return (
            "select bucket::text, count(*)::text, sum(hash::numeric)::text from "
                + "(select \(number) as bucket, \(hash) as hash from \(rows(where: conditions))) r "
                + "group by bucket", parameters
        )
    }

    func rows(_ range: RowRange) -> Statement {
        let (conditions, parameters) = conditions(range)
        return (list(conditions), parameters)
    }

    func rows(_ keys: [RowKey]) -> Statement {
        let (condition, parameters) = condition(keys)
        return (list([condition]), parameters)
    }

    private func list(_ conditions: [String]) -> String {
        let names = keys.indices.map { "k\($0)" }
        let columns = zip(keys, names).map { "\($0) as \($1)" }.joined(separator: ", ")
        return
            "select count(*)::text, sum(hash::numeric)::text, "
            + "md5(string_agg(version, ',' order by version)), \(names.joined(separator: ", ")) from "
            + "(select \(columns), \(hash) as hash, \(version) as version from \(rows(where: conditions))) r "
            + "group by \(names.joined(separator: ", "))"
    }

    /// Reads each key's row once, though several rows may be alike.
    func values(_ keys: [RowKey]) -> Statement {
        let (condition, parameters) = condition(keys)
        let values =
            table.table.sentColumns.map { column in
                let value = TableChecksums.compared(column)
                return "case when \(value) is not null then \(Self.text(value)) end"
            } + (table.comparesPartitions ? [Self.text(partition)] : [])
        return (
            "select \((self.keys + values).joined(separator: ", ")) from \(rows(where: [condition]))",
            parameters
        )
    }
}
