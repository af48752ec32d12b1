import Records

/// What the statements of a schema create, with resolved names.
struct SchemaModel: Sendable {
    /// How many domains and composite types may lie within each other before a name counts as unknown.
    static let deepestType = 32
    /// The schema of a name without one.
    static let defaultSchema = "public"

    var tables: [QualifiedName: DefinedTable] = [:]
    /// The tables in the order of their statements.
    var tableNames: [QualifiedName] = []
    var indexes: [DefinedIndex] = []
    var types: [QualifiedName: DefinedType] = [:]
    /// Whether the schema creates an extension other than plpgsql.
    var hasExtensions = false
    /// The foreign servers that the schema creates.
    var servers: Set<String> = []
    /// The functions that return jsonb.
    var jsonbFunctions: Set<String> = []
    /// The columns of type jsonb, by their names alone.
    var jsonbColumns: Set<String> = []

    /// A type at the end of all domains.
    struct FinalType: Equatable, Sendable {
        let name: String
        let isArray: Bool
        let isComposite: Bool
        /// Whether the schema itself creates the type.
        let isOwn: Bool
    }

    func finalType(of type: TypeName) -> FinalType {
        var type = type
        var isArray = type.isArray
        for _ in 0..<Self.deepestType {
            guard let shape = shape(of: type) else {
                return FinalType(name: type.name, isArray: isArray, isComposite: false, isOwn: false)
            }
            switch shape {
            case .domain(let base):
                type = base
                isArray = isArray || base.isArray
            case .composite:
                return FinalType(name: type.name, isArray: isArray, isComposite: true, isOwn: true)
            case .enumeration, .range, .base:
                return FinalType(name: type.name, isArray: isArray, isComposite: false, isOwn: true)
            }
        }
        return FinalType(name: type.name, isArray: isArray, isComposite: false, isOwn: true)
    }

    /// Returns the names of the types that values of a type contain: its own, and those of its attributes.
    func containedTypes(of type: TypeName) -> [String] {
        var found: [String] = []
        collectTypes(of: type, into: &found, depth: 0)
        return found
    }

    private func collectTypes(of type: TypeName, into found: inout [String], depth: Int) {
        guard depth < Self.deepestType else { return }
        switch shape(of: type) {
        case .domain(let base): collectTypes(of: base, into: &found, depth: depth + 1)
        case .composite(let attributes):
            for attribute in attributes { collectTypes(of: attribute.type, into: &found, depth: depth + 1) }
        case .enumeration, .range, .base: break
        case nil: found.append(type.name)
        }
    }

    func shape(of type: TypeName) -> DefinedType? {
        guard type.schema != "pg_catalog" else { return nil }
        return types[QualifiedName(schema: type.schema ?? Self.defaultSchema, name: type.name)]
    }

    /// Returns the table at the root of a partition's tree; the table itself if it is no partition.
    func root(of table: DefinedTable) -> DefinedTable {
        var table = table
        for _ in 0..<Self.deepestType {
            guard let parent = table.parent.flatMap({ tables[$0] }) else { break }
            table = parent
        }
        return table
    }

    func isPartition(_ name: QualifiedName) -> Bool { tables[name]?.parent != nil }

    /// The columns of a table, with those of its root if it is a partition without columns of its own.
    func columns(of table: DefinedTable) -> [DefinedColumn] {
        table.columns.isEmpty ? root(of: table).columns : table.columns
    }

    func column(_ name: String, of table: DefinedTable) -> DefinedColumn? {
        columns(of: table).first { $0.name == name }
    }

    /// The columns that a foreign key points at.
    func referencedColumns(of key: DefinedForeignKey) -> [String] {
        key.referencedColumns.isEmpty
            ? tables[key.referenced]?.primaryKey?.columns ?? [] : key.referencedColumns
    }

    func indexes(on table: QualifiedName) -> [DefinedIndex] { indexesByTable[table] ?? [] }

    private(set) var indexesByTable: [QualifiedName: [DefinedIndex]] = [:]

    /// Completes what needs all statements: the indexes of each table, and keys that take over an index.
    mutating func finish() {
        indexesByTable = Dictionary(grouping: indexes, by: \.table)
        for (name, table) in tables {
            for (at, key) in table.keys.enumerated() {
                guard let used = key.usingIndex,
                    let index = indexesByTable[name]?.first(where: { $0.name == used })
                else { continue }
                tables[name]?.keys[at].columns = index.keys.compactMap(\.column)
            }
            for column in table.columns where finalType(of: column.type).name == "jsonb" {
                jsonbColumns.insert(column.name)
            }
        }
    }
}
