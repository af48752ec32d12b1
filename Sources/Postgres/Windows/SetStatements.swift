/// The statements on arrays that a session has prepared. Their number is bounded, because the server keeps a
/// plan of tens of kilobytes for each and thousands of tables would fill its memory.
struct SetStatements {
    /// A statement that the server has under a name.
    private struct Prepared {
        let name: String
        /// Grows with every statement sent; the statement with the smallest value is the least recently used.
        var usedAt: Int
        /// Number of times it was sent, also under earlier names.
        var uses: Int
    }

    private var prepared: [SetStatement: Prepared] = [:]
    private var namesGiven = 0
    private var sent = 0

    static let preparedMax = 500

    /// Returns the statement's name, and how many statements were queued to prepare it. If too many are
    /// prepared, the least recently used one is dropped.
    mutating func name(
        of statement: SetStatement, _ table: WindowTable, _ connection: borrowing PostgresConnection
    ) throws -> (name: String, queued: Int) {
        sent += 1
        var (uses, queued) = (0, 0)
        if let known = prepared[statement] {
            uses = known.uses
            // A plan is made for the table as it is then, and an empty table may have grown far beyond it. So
            // the statement is planned again for its second use, the third, the fifth, the ninth and so on.
            if uses & (uses - 1) != 0 {
                prepared[statement]?.usedAt = sent
                prepared[statement]?.uses = uses + 1
                return (known.name, 0)
            }
            queued += try forget(statement, connection)
        }
        if prepared.count >= Self.preparedMax,
            let oldest = prepared.min(by: { $0.value.usedAt < $1.value.usedAt })?.key
        {
            queued += try forget(oldest, connection)
        }
        namesGiven += 1
        let name = "w\(namesGiven)"
        try connection.queuePrepare(name: name, sql: statement.sql(table))
        prepared[statement] = Prepared(name: name, usedAt: sent, uses: uses + 1)
        return (name, queued + 1)
    }

    /// Drops a relation's statements, whose columns have changed; returns how many statements were queued for
    /// that.
    mutating func forget(_ relation: UInt32, _ connection: borrowing PostgresConnection) throws -> Int {
        var queued = 0
        for statement in prepared.keys where statement.relation == relation {
            queued += try forget(statement, connection)
        }
        return queued
    }

    private mutating func forget(_ statement: SetStatement, _ connection: borrowing PostgresConnection) throws
        -> Int
    {
        guard let name = prepared.removeValue(forKey: statement)?.name else { return 0 }
        try connection.queue(sql: "deallocate \(name)")
        return 1
    }
}
