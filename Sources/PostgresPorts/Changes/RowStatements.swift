import Postgres

/// The statements on one row that a session has prepared.
struct RowStatements {
    /// The kind of a statement, with the columns that it uses.
    enum Kind: Hashable {
        case insert
        /// The columns that it sets, those that it compares besides the key, and, without a key, how the row
        /// is found.
        case update(set: [Int], beside: [Int], RowLookup.Form?)
        case delete(RowLookup.Form?)
    }

    private struct Key: Hashable {
        let relation: UInt32
        let kind: Kind
    }

    /// A statement that is prepared, or queued to be.
    struct Prepared {
        fileprivate let number: Int
        /// The columns whose old values find the row.
        let finders: [Int]

        var name: String { "s\(number)" }
    }

    private var statements: [Key: Prepared] = [:]
    /// Counts up. A name is never used twice in a session, because the statements of a changed table stay
    /// prepared.
    private var prepared = 0
    /// The count at the savepoint.
    private var preparedBefore = 0

    /// Returns the statement; queues its preparation the first time.
    mutating func statement(_ kind: Kind, _ table: AppliedTable, in run: CheckedRun) throws -> Prepared {
        let key = Key(relation: table.relation.id, kind: kind)
        if let known = statements[key] { return known }
        prepared += 1
        let statement =
            switch kind {
            case .insert: AppliedTable.Statement(sql: table.insertSQL, finders: [])
            case .update(let set, let beside, let form): table.update(set: set, beside: beside, form)
            case .delete(let form): table.delete(form)
            }
        let new = Prepared(number: prepared, finders: statement.finders)
        try run.connection.queuePrepare(name: new.name, sql: statement.sql)
        run.expect(.anyRows([table.relation.id]))
        statements[key] = new
        return new
    }

    /// Forgets the statements of a relation whose columns have changed.
    mutating func forget(_ relation: UInt32) {
        statements = statements.filter { $0.key.relation != relation }
    }

    mutating func noteSavepoint() { preparedBefore = prepared }

    /// Forgets what was prepared after the savepoint: the server skips everything behind a failure,
    /// preparations too.
    mutating func forgetSinceSavepoint() {
        statements = statements.filter { $0.value.number <= preparedBefore }
    }
}
