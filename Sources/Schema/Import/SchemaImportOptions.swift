/// The options of an import of the schema, under the names of the verb's flags.
package struct SchemaImportOptions: Equatable, Sendable {
    /// Runs the second pass: the objects that the first pass defers until after the data.
    package var postSnapshotImport: Bool
    /// Takes an object that exists already for the one in the file.
    package var ignoreExist: Bool
    /// Writes what the server refuses to `schema/failed.sql` and continues.
    package var continueOnError: Bool
    /// Creates an object without an attribute that the target refuses, such as a storage parameter.
    package var leaveOutRefusedAttributes: Bool
    /// Drops first what is in the schemas of the files.
    package var startClean: Bool
    /// Refreshes every materialized view in the second pass, and not only those never filled.
    package var refreshMaterializedViews: Bool
    /// Imports the kinds in the order of `include`.
    package var straightOrder: Bool
    /// The only kinds to import; empty for all. Schemas are always imported.
    package var include: [SchemaObjectType]
    /// The kinds to exclude.
    package var exclude: [SchemaObjectType]

    package init(
        postSnapshotImport: Bool = false, ignoreExist: Bool = false, continueOnError: Bool = false,
        leaveOutRefusedAttributes: Bool = false, startClean: Bool = false,
        refreshMaterializedViews: Bool = false, straightOrder: Bool = false,
        include: [SchemaObjectType] = [], exclude: [SchemaObjectType] = []
    ) {
        self.postSnapshotImport = postSnapshotImport
        self.ignoreExist = ignoreExist
        self.continueOnError = continueOnError
        self.leaveOutRefusedAttributes = leaveOutRefusedAttributes
        self.startClean = startClean
        self.refreshMaterializedViews = refreshMaterializedViews
        self.straightOrder = straightOrder
        self.include = include
        self.exclude = exclude
    }

    package init(
        postSnapshotImport: Bool, ignoreExist: Bool, continueOnError: Bool, leaveOutRefusedAttributes: Bool,
        startClean: Bool, refreshMaterializedViews: Bool, types: ObjectTypeChoice?
    ) {
        self.init(
            postSnapshotImport: postSnapshotImport, ignoreExist: ignoreExist,
            continueOnError: continueOnError, leaveOutRefusedAttributes: leaveOutRefusedAttributes,
            startClean: startClean,
            refreshMaterializedViews: refreshMaterializedViews, straightOrder: types?.straightOrder ?? false,
            include: types?.include ?? [], exclude: types?.exclude ?? [])
    }

    func takes(_ type: SchemaObjectType) -> Bool {
        type == .schema || (!exclude.contains(type) && (include.isEmpty || include.contains(type)))
    }
}

/// The result of an import.
package struct SchemaImportResult: Equatable, Sendable {
    /// A statement that the target refused.
    package struct Failure: Equatable, Sendable {
        package let label: String
        package let file: String
        package let line: Int
        package let sqlState: String
        package let reason: String
        /// What the server advises, or the attribute that it refuses.
        package let hint: String?
    }

    /// Objects created, or changed as their statements say.
    package var created = 0
    /// Statements that were skipped because their object existed (`ignoreExist`).
    package var existed = 0
    /// Statements that an earlier import has applied, by the journal.
    package var noted = 0
    /// Objects that existed and differ from their statements (`ignoreExist`).
    package var differing = 0
    /// Attributes that were left out because the target refuses them.
    package var leftOut = 0
    /// Objects that were skipped on purpose, each with a line that says why.
    package var skipped = 0
    package var refreshed = 0
    /// The statements in `schema/failed.sql`.
    package var failures: [Failure] = []

    package init() {}
}
