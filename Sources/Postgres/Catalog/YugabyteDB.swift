/// A release of YugabyteDB, as in its `version()`: `PostgreSQL 15.2-YB-2025.1.0.1-b0 on …`.
package struct YugabyteVersion: Sendable, Comparable, CustomStringConvertible {
    /// `[2025, 1, 0, 1]`
    package let numbers: [Int]

    package init(_ numbers: [Int]) { self.numbers = numbers }

    /// Nil if the text has none.
    package init?(serverVersion text: String) {
        guard let mark = text.range(of: "-YB-") else { return nil }
        let numbers = text[mark.upperBound...].prefix { $0.isNumber || $0 == "." }.split(separator: ".")
        self.init(numbers.compactMap { Int($0) })
    }

    package var description: String { numbers.map(String.init).joined(separator: ".") }

    package static func < (left: Self, right: Self) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }
}

extension PostgresConnection {
    /// Reads the release of YugabyteDB; nil if the server is another one.
    package func yugabyteVersion() throws(PostgresError) -> YugabyteVersion? {
        try query("select pg_catalog.version()", doing: "read the version").scalar.flatMap {
            YugabyteVersion(serverVersion: $0)
        }
    }

    package func isYugabyteDB() throws(PostgresError) -> Bool { try yugabyteVersion() != nil }

    /// Whether DDL runs in the transaction block around it (yb-tserver flag
    /// ysql_yb_ddl_transaction_block_enabled). Servers before 2025 do not have the parameter.
    package func hasTransactionalDDL() throws(PostgresError) -> Bool {
        try query(
            "select setting from pg_catalog.pg_settings where name = 'yb_ddl_transaction_block_enabled'",
            doing: "read whether DDL runs in transaction blocks"
        ).scalar == "on"
    }

    /// Sets a parameter of the session, if the server has it.
    package func setWhereKnown(_ parameter: String, _ value: String) throws(PostgresError) {
        try query(
            "select case when pg_catalog.current_setting($1, true) is not null then "
                + "pg_catalog.set_config($1, $2, false) end",
            [parameter, value], doing: "set \(parameter)")
    }

    /// Turns off YugabyteDB's own retries of statements (YugabyteDB manual, "Transaction retries"). Such a
    /// retry after a conflict may undo earlier statements in a pipeline of the same transaction. Without it a
    /// conflict is an error, 40001, and the transaction is repeated from its beginning.
    func runStatementsOnce() throws(PostgresError) {
        guard try isYugabyteDB() else { return }
        try setWhereKnown("yb_max_query_layer_retries", "0")
        try execute("set default_transaction_isolation = 'repeatable read'", doing: "prepare the session")
    }
}
