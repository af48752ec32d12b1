/// How an import of the schema goes about it; the names are those of the verb's flags.
package struct SchemaImportOptions: Equatable, Sendable {
    /// The second pass: what the first held back until the data is there.
    package var postSnapshotImport: Bool
    /// Takes what exists already for what the file asks for.
    package var ignoreExist: Bool
    /// Writes what the server refuses to `schema/failed.sql` and goes on.
    package var continueOnError: Bool
    /// In the second pass, refreshes every materialized view rather than only those never filled.
    package var refreshMaterializedViews: Bool
    /// Imports the kinds in the order of `include`.
    package var straightOrder: Bool
    /// The only kinds to import; empty means all. Schemas are always among them.
    package var include: [SchemaObjectType]
    /// The kinds to leave out.
    package var exclude: [SchemaObjectType]

    package init(
        postSnapshotImport: Bool = false, ignoreExist: Bool = false, continueOnError: Bool = false,
        refreshMaterializedViews: Bool = false, straightOrder: Bool = false,
        include: [SchemaObjectType] = [], exclude: [SchemaObjectType] = []
    ) {
        self.postSnapshotImport = postSnapshotImport
        self.ignoreExist = ignoreExist
        self.continueOnError = continueOnError
        self.refreshMaterializedViews = refreshMaterializedViews
        self.straightOrder = straightOrder
        self.include = include
        self.exclude = exclude
    }

    func takes(_ type: SchemaObjectType) -> Bool {
        type == .schema || (!exclude.contains(type) && (include.isEmpty || include.contains(type)))
    }
}

/// What an import did.
package struct SchemaImportResult: Equatable, Sendable {
    package struct Failure: Equatable, Sendable {
        package let label: String
        package let file: String
        package let line: Int
        package let sqlState: String
        package let reason: String
    }

    /// Objects created, or changed as their statements say.
    package var created = 0
    /// Statements passed over because what they make was there (`ignoreExist`).
    package var existed = 0
    /// Objects left out on purpose, each with a line that says why.
    package var leftOut = 0
    package var refreshed = 0
    /// What went to `schema/failed.sql`.
    package var failures: [Failure] = []

    package init() {}
}
