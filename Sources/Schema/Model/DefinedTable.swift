import Records

/// A place in the schema's files: a byte of one statement.
struct Place: Hashable, Sendable {
    let statement: Int
    let offset: Int
}

/// The type of a column as its definition names it.
struct TypeName: Equatable, Sendable {
    /// Nil if the definition names no schema.
    let schema: String?
    /// The name that PostgreSQL keeps: `int4` for `integer`.
    let name: String
    let isArray: Bool
    let place: Place

    init(_ node: Node, in statement: Int) {
        let parts = node.texts("names")
        let serial = ["serial": "int4", "bigserial": "int8", "smallserial": "int2"]
        schema = parts.count > 1 ? parts[parts.count - 2] : nil
        let last = parts.last ?? ""
        name = parts.count == 1 ? serial[last] ?? last : last
        isArray = !node.nodes("arrayBounds").isEmpty
        place = Place(statement: statement, offset: node.location ?? 0)
    }
}

/// A column of a table or an attribute of a composite type.
struct DefinedColumn: Equatable, Sendable {
    let name: String
    var type: TypeName
    let place: Place
    var isNotNull = false
    var compression: String?
    /// `s` for a stored generated column.
    var isGenerated = false
}

/// A primary key, a unique constraint or an exclusion constraint.
struct DefinedKey: Equatable, Sendable {
    /// The kind of a key.
    enum Kind: Equatable, Sendable {
        case primary
        case unique
        case exclusion
    }

    let kind: Kind
    /// Nil if the statement gives no name.
    let name: String?
    var columns: [String]
    let place: Place
    var isDeferrable = false
    var nullsNotDistinct = false
    var hasStorageParameters = false
    /// The index that it takes over; the columns are those of the index.
    var usingIndex: String?
}

/// A foreign key.
struct DefinedForeignKey: Equatable, Sendable {
    let name: String?
    let columns: [String]
    let referenced: QualifiedName
    /// Empty for the primary key of the other table.
    let referencedColumns: [String]
    let place: Place
}

/// How a table is partitioned.
struct DefinedPartitioning: Equatable, Sendable {
    /// `list`, `range` or `hash`.
    let method: String
    let columns: [String]
    let hasExpression: Bool
    let keys: Int
    let place: Place
}

/// A table, a foreign table or a partition.
struct DefinedTable: Equatable, Sendable {
    let name: QualifiedName
    /// The name as its statement writes it.
    let shown: String
    let place: Place
    /// Whether a statement creates it. The files may alter a table that they do not create.
    var isCreated = true
    var isForeign = false
    var isUnlogged = false
    var columns: [DefinedColumn] = []
    var keys: [DefinedKey] = []
    var foreignKeys: [DefinedForeignKey] = []
    var partitioning: DefinedPartitioning?
    /// The partitioned table that it is a partition of.
    var parent: QualifiedName?
    /// The tables that it inherits from by INHERITS.
    var inherits: [QualifiedName] = []
    /// `d`, `f`, `i` or `n`.
    var replicaIdentity = "d"

    /// Whether its primary key is its replica identity.
    var hasDefaultIdentity: Bool { !["f", "i", "n"].contains(replicaIdentity) }

    func column(_ name: String) -> DefinedColumn? { columns.first { $0.name == name } }
    var primaryKey: DefinedKey? { keys.first { $0.kind == .primary } }
}

/// One key of an index: a column or an expression.
struct DefinedIndexKey: Equatable, Sendable {
    /// Nil for an expression.
    let column: String?
    let expression: Node?
    let ordering: String
    let place: Place
}

/// An index that a statement creates.
struct DefinedIndex: Equatable, Sendable {
    let name: String
    let table: QualifiedName
    let shownTable: String
    let place: Place
    let method: String
    let isUnique: Bool
    let keys: [DefinedIndexKey]
    let included: [String]
    let predicate: Node?
    let options: [Node]
    let nullsNotDistinct: Bool
    let node: Node

    var shown: String { "\(name) ON \(shownTable)" }
}

/// A type that the schema creates.
enum DefinedType: Equatable, Sendable {
    case enumeration
    case composite([DefinedColumn])
    case domain(TypeName)
    case range
    case base
}
