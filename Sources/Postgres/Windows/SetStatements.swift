/// The statements on arrays that a session has prepared, at most so many: the server keeps a plan of tens of kilobytes for
/// each, so that thousands of tables would fill its memory.
struct SetStatements {
    /// A statement the server knows by a name.
    private struct Prepared {
        let name: String
        /// Rises with every statement sent; the smallest was not used for longest.
        var usedAt: Int
        /// How often it was sent, under earlier names too.
        var uses: Int
    }

    private var prepared: [SetStatement: Prepared] = [:]
    private var namesGiven = 0
    private var sent = 0

    static let preparedMax = 500

    /// The name under which the server has the statement, which is prepared where it is not, in the place of the one
    /// that was not used for longest when there are too many; and how many statements were queued for that.
    mutating func name(
        of statement: SetStatement, _ table: WindowTable, _ connection: borrowing PostgresConnection
    ) throws -> (name: String, queued: Int) {
        sent += 1
        var (uses, queued) = (0, 0)
        if let known = prepared[statement] {
            uses = known.uses
            // The plan is made for the table as it is then; one that was empty may have grown far beyond it. So it is made
            // anew for the second use, the third, the fifth, the ninth and so on.
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

    /// Drops what was prepared for a relation as it was; returns how many statements were queued for that.
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
