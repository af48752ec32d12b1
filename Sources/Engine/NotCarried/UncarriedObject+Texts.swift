import Records

/// The texts about each kind of objects that are not carried.
extension UncarriedObject.Kind {
    /// Whether the objects have no names, only a number of them.
    var isCounted: Bool { self == .largeObject || self == .securityLabel }

    /// Whether rows are missing on the target, and not the objects themselves.
    var isOfRows: Bool {
        switch self {
        case .unloggedTable, .leftOutPartition, .leftOutTable, .extensionTable, .largeObject,
            .largeObjectColumn, .materializedView, .foreignKeyTo, .inheritingTable, .inheritedTable:
            true
        case .foreignTable, .foreignKeyFrom, .partitionOutside, .viewOutside, .typeOutside, .functionOutside,
            .grant, .defaultPrivilege, .owner, .securityLabel, .publication, .subscription,
            .replicationSlot, .eventTrigger, .foreignServer, .foreignDataWrapper, .userMapping, .cast,
            .language, .setting, .tablespace:
            false
        }
    }

    /// The detail of an object as it is put in parentheses.
    func phrase(_ detail: String) -> String {
        switch self {
        case .foreignKeyTo: "to \(detail)"
        case .foreignKeyFrom: "of \(detail)"
        case .inheritingTable: "of \(detail)"
        case .inheritedTable, .typeOutside, .functionOutside, .viewOutside: "\(detail)"
        case .partitionOutside: "of \(detail)"
        case .unloggedTable, .leftOutPartition, .leftOutTable, .foreignTable, .extensionTable, .largeObject,
            .largeObjectColumn, .materializedView, .grant, .defaultPrivilege, .owner, .securityLabel,
            .publication, .subscription, .replicationSlot, .eventTrigger, .foreignServer,
            .foreignDataWrapper, .userMapping, .cast, .language, .setting, .tablespace:
            detail
        }
    }

    var title: String {
        switch self {
        case .unloggedTable: "unlogged tables"
        case .leftOutPartition: "partitions excluded"
        case .leftOutTable: "tables excluded"
        case .foreignTable: "foreign tables"
        case .extensionTable: "tables of extensions"
        case .largeObject: "large objects"
        case .largeObjectColumn: "columns that may name large objects"
        case .materializedView: "materialized views"
        case .foreignKeyTo: "foreign keys to tables outside"
        case .foreignKeyFrom: "foreign keys from tables outside"
        case .inheritingTable: "tables outside that inherit"
        case .inheritedTable: "inherited tables outside"
        case .partitionOutside: "partitions in other schemas"
        case .viewOutside: "views in other schemas"
        case .typeOutside: "types in other schemas"
        case .functionOutside: "functions in other schemas"
        case .grant: "grants"
        case .defaultPrivilege: "default privileges"
        case .owner: "owners"
        case .securityLabel: "security labels"
        case .publication: "publications"
        case .subscription: "subscriptions"
        case .replicationSlot: "replication slots of others"
        case .eventTrigger: "event triggers"
        case .foreignServer: "foreign servers"
        case .foreignDataWrapper: "foreign-data wrappers"
        case .userMapping: "user mappings"
        case .cast: "casts"
        case .language: "languages"
        case .setting: "settings of the database and its roles"
        case .tablespace: "tablespaces"
        }
    }

    /// The text that says what will be missing on the target.
    var missing: String {
        switch self {
        case .unloggedTable: "the tables come, their rows do not"
        case .leftOutPartition: "their rows are neither copied nor streamed nor compared"
        case .leftOutTable: "the tables come, their rows do not"
        case .foreignTable: "their rows stay where they are"
        case .extensionTable: "the extension comes, rows added to its tables do not"
        case .largeObject: "none comes"
        case .largeObjectColumn: "the numbers come, the objects do not"
        case .materializedView:
            "they are not streamed; their contents are of their last refresh on the target"
        case .foreignKeyTo: "the rows that the tables refer to do not come"
        case .foreignKeyFrom: "nothing on the target checks what refers to the tables"
        case .inheritingTable: "a query of the parent shows none of their rows on the target"
        case .inheritedTable: "the rows of the parent itself do not come"
        case .partitionOutside:
            "the schema's export has no such partitions; the target needs a place for their rows"
        case .viewOutside: "they do not come"
        case .typeOutside, .functionOutside: "they do not come, and the import of the tables needs them"
        case .grant, .defaultPrivilege: "none comes: only the owner has rights on the target"
        case .owner: "all objects will be the importing role's"
        case .securityLabel: "none comes"
        case .publication, .subscription: "none comes"
        case .replicationSlot: "their consumers continue to read the source"
        case .eventTrigger, .foreignServer, .foreignDataWrapper, .userMapping, .cast, .language: "none comes"
        case .setting: "none comes"
        case .tablespace: "all relations will be in the target's default tablespace"
        }
    }

    /// The text that says what the operator does to have it on the target.
    var remedy: String {
        switch self {
        case .unloggedTable: "set them logged before the start, or copy their rows after the cutover"
        case .leftOutPartition, .leftOutTable: "copy their rows by other means if they are needed"
        case .foreignTable: "make the foreign server on the target"
        case .extensionTable: "copy these rows by hand before the cutover"
        case .largeObject, .largeObjectColumn: "move them by hand, or into bytea columns"
        case .materializedView: "refresh them after the snapshot (--refresh-mviews) and before the release"
        case .foreignKeyTo: "migrate these tables too, or copy them by hand before the cutover"
        case .foreignKeyFrom: "migrate these tables too, or keep them right by other means"
        case .inheritingTable, .inheritedTable: "migrate them too, or copy their rows by hand"
        case .partitionOutside: "add their schemas to --source-db-schema, or make them on the target"
        case .viewOutside: "make them on the target"
        case .typeOutside, .functionOutside:
            "add their schemas to --source-db-schema, or make them on the target first"
        case .grant, .defaultPrivilege: "grant them on the target before the cutover"
        case .owner: "set the owners on the target before the cutover"
        case .securityLabel: "set them on the target"
        case .publication, .subscription: "make them on the target at the cutover"
        case .replicationSlot: "move their consumers to the target at the cutover"
        case .eventTrigger, .foreignServer, .foreignDataWrapper, .userMapping, .cast, .language:
            "create them on the target by hand"
        case .setting: "alter database, or alter role … in database, on the target"
        case .tablespace: "move the relations on the target if that matters"
        }
    }
}
