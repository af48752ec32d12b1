import Postgres

/// The statements on one row that a session has prepared, by what they do.
struct RowStatements {
    enum Kind: Hashable {
        case insert
        /// With the columns it sets, and those it compares beside the key.
        case update(set: [Int], beside: [Int])
        case delete
    }

    private struct Key: Hashable {
        let relation: UInt32
        let kind: Kind
    }

    private var numbers: [Key: Int] = [:]
    /// Names are never used twice in a session: those of a table that changed stay prepared on the server.
    private var prepared = 0
    /// How many there were at the savepoint.
    private var preparedBefore = 0

    /// The statement's name, prepared in the pipeline where it is met first.
    mutating func name(of kind: Kind, _ table: AppliedTable, in run: CheckedRun) throws -> String {
        let key = Key(relation: table.relation.id, kind: kind)
        if let number = numbers[key] { return "s\(number)" }
        prepared += 1
        let name = "s\(prepared)"
        let sql =
            switch kind {
            case .insert: table.insertSQL
            case .update(let set, let beside): table.updateSQL(set: set, beside: beside)
            case .delete: table.deleteSQL
            }
        try run.connection.queuePrepare(name: name, sql: sql)
        run.expect(.nothing)
        numbers[key] = prepared
        return name
    }

    /// What a relation's statements were made for has changed.
    mutating func forget(_ relation: UInt32) { numbers = numbers.filter { $0.key.relation != relation } }

    mutating func noteSavepoint() { preparedBefore = prepared }

    /// What was to be prepared after the savepoint may not have been: the server skips all that stands behind a failure.
    mutating func forgetSinceSavepoint() { numbers = numbers.filter { $0.value <= preparedBefore } }
}
