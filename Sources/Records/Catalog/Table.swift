/// The replica identity of a table: the old values that the server sends with an update or delete
/// (`pg_class.relreplident`).
package enum ReplicaIdentity: String, Sendable, Codable {
    case primaryKey = "d"
    case nothing = "n"
    case full = "f"
    case index = "i"
    /// YugabyteDB's own: the key and the changed columns only.
    case change = "c"
}

/// A column as the catalog describes it.
package struct Column: Hashable, Sendable, Codable {
    package let name: Identifier
    /// `format_type()` of the column: `numeric(10,2)`, `text[]`.
    package let typeName: String
    package let isNotNull: Bool
    /// A stored generated column: never copied, never sent, computed on the destination.
    package let isGenerated: Bool
    /// `GENERATED ALWAYS AS IDENTITY`: accepts a value only with OVERRIDING SYSTEM VALUE.
    package let isIdentityAlways: Bool

    package init(
        name: Identifier, typeName: String, isNotNull: Bool = false,
        isGenerated: Bool = false, isIdentityAlways: Bool = false
    ) {
        self.name = name
        self.typeName = typeName
        self.isNotNull = isNotNull
        self.isGenerated = isGenerated
        self.isIdentityAlways = isIdentityAlways
    }
}

/// A partition whose changes no stream carries, although its root is published.
package struct UnstreamedPartition: Hashable, Sendable, Codable {
    /// The kind of partition, which is why no stream carries its changes.
    package enum Kind: String, Sendable, Codable {
        case unlogged
        case foreign

        /// After "the partition is".
        package var words: String {
            switch self {
            case .unlogged: "unlogged"
            case .foreign: "a foreign table"
            }
        }
    }

    package let name: QualifiedName
    package let kind: Kind

    package init(name: QualifiedName, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// A table that is migrated, as the catalog describes it. A partitioned table is one table: its root is
/// published, copied into and compared, and its leaves are listed.
package struct Table: Hashable, Sendable, Codable {
    package let name: QualifiedName
    package let columns: [Column]
    /// The primary key's columns in key order; empty if there is none.
    package let primaryKey: [Identifier]
    package let replicaIdentity: ReplicaIdentity
    /// The columns of the replica identity index, if the identity is `index`.
    package let identityIndexColumns: [Identifier]
    package let isPartitioned: Bool
    /// The tables that contain the migrated rows: itself, or the logged leaves of a partitioned table.
    package let leaves: [QualifiedName]
    /// Nil in documents of earlier versions.
    private let partsNotStreamed: [UnstreamedPartition]?
    package let rowsEstimate: Int64
    package let bytesEstimate: Int64

    package init(
        name: QualifiedName, columns: [Column], primaryKey: [Identifier], replicaIdentity: ReplicaIdentity,
        identityIndexColumns: [Identifier] = [], isPartitioned: Bool = false, leaves: [QualifiedName]? = nil,
        unstreamedParts: [UnstreamedPartition] = [], rowsEstimate: Int64 = 0, bytesEstimate: Int64 = 0
    ) {
        self.name = name
        self.columns = columns
        self.primaryKey = primaryKey
        self.replicaIdentity = replicaIdentity
        self.identityIndexColumns = identityIndexColumns
        self.isPartitioned = isPartitioned
        self.leaves = leaves ?? [name]
        partsNotStreamed = unstreamedParts
        self.rowsEstimate = rowsEstimate
        self.bytesEstimate = bytesEstimate
    }

    /// Unlogged partitions and foreign tables among the partitions. They are neither copied nor compared.
    package var unstreamedParts: [UnstreamedPartition] { partsNotStreamed ?? [] }

    /// The table as SQL for its own rows, without those of tables that inherit from it.
    package var rowsOnly: String { isPartitioned ? name.quoted : "only " + name.quoted }

    /// The columns by which the stream identifies rows; empty if it sends whole old rows, or nothing.
    package var identityColumns: [Identifier] {
        switch replicaIdentity {
        case .primaryKey, .change: primaryKey
        case .index: identityIndexColumns
        case .full, .nothing: []
        }
    }

    /// The columns whose values are sent: all except the generated ones.
    package var sentColumns: [Column] { columns.filter { !$0.isGenerated } }
}
