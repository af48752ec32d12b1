import Postgres

/// The statements on one row that a session has prepared, by what they do.
struct RowStatements {
    enum Kind: Hashable {
        case insert
        /// With the columns it sets.
        case update(set: [Int])
        case delete
    }

    private struct Key: Hashable {
        let relation: UInt32
        let kind: Kind
    }

    private var names: [Key: String] = [:]
    /// Names are never used twice in a session: those of a table that changed stay prepared on the server.
    private var prepared = 0

    /// The statement's name, prepared in the pipeline where it is met first.
    mutating func name(of kind: Kind, _ table: AppliedTable, in run: CheckedRun) throws -> String {
        let key = Key(relation: table.relation.id, kind: kind)
        if let name = names[key] { return name }
        prepared += 1
        let name = "s\(prepared)"
        let sql =
            switch kind {
            case .insert: table.insertSQL
            case .update(let set): table.updateSQL(set: set)
            case .delete: table.deleteSQL
            }
        try run.connection.queuePrepare(name: name, sql: sql)
        run.expect(.nothing)
        names[key] = name
        return name
    }

    /// What a relation's statements were made for has changed.
    mutating func forget(_ relation: UInt32) { names = names.filter { $0.key.relation != relation } }
}
