/// An object of the source that neither the export of the schema nor the stream carries to the target.
package struct UncarriedObject: Sendable, Equatable {
    /// The raw value is the word of the SQL files, and the key in reports.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        // Rows.
        case unloggedTable = "unlogged table"
        case leftOutPartition = "partition left out"
        case leftOutTable = "table left out"
        case foreignTable = "foreign table"
        case extensionTable = "table of an extension"
        case largeObject = "large object"
        case largeObjectColumn = "column that may name a large object"
        case materializedView = "materialized view"
        // Objects that depend on the tables, or on which they depend.
        case foreignKeyTo = "foreign key to a table outside"
        case foreignKeyFrom = "foreign key from a table outside"
        case inheritingTable = "inheriting table outside"
        case inheritedTable = "inherited table outside"
        case partitionOutside = "partition in another schema"
        case viewOutside = "view outside"
        case typeOutside = "type in another schema"
        case functionOutside = "function in another schema"
        // Rights.
        case grant
        case defaultPrivilege = "default privilege"
        case owner
        case securityLabel = "security label"
        // Objects of the database.
        case publication
        case subscription
        case replicationSlot = "replication slot"
        case eventTrigger = "event trigger"
        case foreignServer = "foreign server"
        case foreignDataWrapper = "foreign-data wrapper"
        case userMapping = "user mapping"
        case cast
        case language
        case setting
        case tablespace
    }

    package let kind: Kind
    /// The object, or a number for kinds that are only counted.
    package let name: String
    /// Further facts; may be empty.
    package let detail: String

    package init(_ kind: Kind, _ name: String, detail: String = "") {
        self.kind = kind
        self.name = name
        self.detail = detail
    }
}
