import Postgres

/// The statements on one row that a session has prepared, by what they do.
struct RowStatements {
    enum Kind: Hashable {
        case insert
        /// With the columns it sets, and those it compares beside the key. Without a key, how the row is found.
        case update(set: [Int], beside: [Int], RowLookup.Form?)
        case delete(RowLookup.Form?)
    }

    private struct Key: Hashable {
        let relation: UInt32
        let kind: Kind
    }

    /// A statement the server knows.
    struct Prepared {
        fileprivate let number: Int
        /// The columns whose old values find the row.
        let finders: [Int]

        var name: String { "s\(number)" }
    }

    private var statements: [Key: Prepared] = [:]
    /// Names are never used twice in a session: those of a table that changed stay prepared on the server.
    private var prepared = 0
    /// How many there were at the savepoint.
    private var preparedBefore = 0

    /// The statement, prepared in the pipeline where it is met first.
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

    /// What a relation's statements were made for has changed.
    mutating func forget(_ relation: UInt32) {
        statements = statements.filter { $0.key.relation != relation }
    }

    mutating func noteSavepoint() { preparedBefore = prepared }

    /// What was to be prepared after the savepoint may not have been: the server skips all that stands behind a failure.
    mutating func forgetSinceSavepoint() {
        statements = statements.filter { $0.value.number <= preparedBefore }
    }
}
