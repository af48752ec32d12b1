import Records

/// Reads the statements of a schema, in the order of its files, into a model.
struct ModelReader {
    private(set) var model = SchemaModel()

    static func model(of statements: [ParsedStatement]) -> SchemaModel {
        var reader = ModelReader()
        // A table may be altered in a file that is read before its own.
        let isAlteration = { (statement: ParsedStatement) in statement.tree?.kind == "AlterTableStmt" }
        for statement in statements where !isAlteration(statement) { reader.read(statement) }
        for statement in statements where isAlteration(statement) { reader.read(statement) }
        reader.model.finish()
        return reader.model
    }

    private mutating func read(_ statement: ParsedStatement) {
        guard let tree = statement.tree else { return }
        let number = statement.number
        switch tree.kind {
        case "CreateStmt": create(tree, number, isForeign: false)
        case "CreateForeignTableStmt":
            if let base = tree.node("base") { create(base, number, isForeign: true) }
        case "AlterTableStmt":
            guard let relation = tree.node("relation"), let name = relation.relationName else { return }
            if model.tables[name] == nil, tree.text("objtype") == "OBJECT_TABLE" {
                var table = DefinedTable(
                    name: name, shown: relation.shownName,
                    place: Place(statement: number, offset: relation.location ?? 0))
                table.isCreated = false
                model.tables[name] = table
                model.tableNames.append(name)
            }
            for command in tree.nodes("cmds") { alter(name, command, number) }
        case "IndexStmt": index(tree, number)
        case "CreateExtensionStmt" where tree.text("extname") != "plpgsql": model.hasExtensions = true
        case "CreateForeignServerStmt": model.servers.insert(tree.text("servername") ?? "")
        case "CompositeTypeStmt":
            guard let name = tree.node("typevar")?.relationName else { return }
            let attributes = tree.nodes("coldeflist").compactMap { column($0, number) }
            model.types[name] = .composite(attributes)
        case "CreateEnumStmt": model.types[tree.qualified("typeName")] = .enumeration
        case "CreateRangeStmt": model.types[tree.qualified("typeName")] = .range
        case "CreateDomainStmt":
            guard let base = tree.node("typeName") else { return }
            model.types[tree.qualified("domainname")] = .domain(TypeName(base, in: number))
        case "DefineStmt" where tree.text("kind") == "OBJECT_TYPE":
            model.types[tree.qualified("defnames")] = .base
        case "CreateFunctionStmt" where tree.node("returnType")?.texts("names").last == "jsonb":
            if let name = tree.texts("funcname").last { model.jsonbFunctions.insert(name) }
        default: break
        }
    }

    // MARK: Tables

    private mutating func create(_ tree: Node, _ number: Int, isForeign: Bool) {
        guard let relation = tree.node("relation"), let name = relation.relationName else { return }
        var table = DefinedTable(
            name: name, shown: relation.shownName,
            place: Place(statement: number, offset: relation.location ?? 0))
        table.isForeign = isForeign
        table.isUnlogged = relation.text("relpersistence") == "u"
        for element in tree.nodes("tableElts") {
            switch element.kind {
            case "ColumnDef": addColumn(element, to: &table, number)
            case "Constraint": Self.addConstraint(element, column: nil, to: &table, number)
            default: break
            }
        }
        let parents = tree.nodes("inhRelations").compactMap(\.relationName)
        if tree.node("partbound") != nil { table.parent = parents.first } else { table.inherits = parents }
        if let partitioning = tree.node("partspec") {
            let keys = partitioning.nodes("partParams")
            table.partitioning = DefinedPartitioning(
                method: partitioning.text("strategy") ?? "", columns: keys.compactMap { $0.text("name") },
                hasExpression: keys.contains { $0["expr"] != nil }, keys: keys.count,
                place: Place(statement: number, offset: partitioning.location ?? 0))
        }
        if model.tables[name] == nil { model.tableNames.append(name) }
        model.tables[name] = table
    }

    private mutating func alter(_ name: QualifiedName, _ command: Node, _ number: Int) {
        let definition = command.node("def")
        switch command.text("subtype") {
        case "AT_AttachPartition":
            guard let partition = definition?.node("name")?.relationName else { return }
            model.tables[partition]?.parent = name
        case "AT_AddInherit":
            guard let parent = definition?.relationName else { return }
            model.tables[name]?.inherits.append(parent)
        case "AT_AddConstraint":
            guard let definition, var table = model.tables[name] else { return }
            Self.addConstraint(definition, column: nil, to: &table, number)
            model.tables[name] = table
        case "AT_AddColumn":
            guard let definition, var table = model.tables[name] else { return }
            addColumn(definition, to: &table, number)
            model.tables[name] = table
        case "AT_AlterColumnType":
            guard let type = definition?.node("typeName"),
                let at = model.tables[name]?.columns.firstIndex(where: { $0.name == command.text("name") })
            else { return }
            model.tables[name]?.columns[at].type = TypeName(type, in: number)
        case "AT_SetNotNull":
            guard let at = model.tables[name]?.columns.firstIndex(where: { $0.name == command.text("name") })
            else { return }
            model.tables[name]?.columns[at].isNotNull = true
        case "AT_ReplicaIdentity":
            model.tables[name]?.replicaIdentity = definition?.text("identity_type") ?? "d"
        default: break
        }
    }

    private func column(_ node: Node, _ number: Int) -> DefinedColumn? {
        guard let name = node.text("colname"), let type = node.node("typeName") else { return nil }
        var column = DefinedColumn(
            name: name, type: TypeName(type, in: number),
            place: Place(statement: number, offset: node.location ?? 0))
        column.compression = node.text("compression")
        column.isNotNull = ["serial", "bigserial", "smallserial"].contains(type.texts("names").last)
        return column
    }

    private func addColumn(_ node: Node, to table: inout DefinedTable, _ number: Int) {
        guard var column = column(node, number) else { return }
        let constraints = node.nodes("constraints")
        for constraint in constraints {
            switch constraint.text("contype") {
            case "CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_IDENTITY": column.isNotNull = true
            case "CONSTR_GENERATED": column.isGenerated = true
            default: break
            }
        }
        table.columns.append(column)
        for constraint in constraints {
            if constraint.text("contype") == "CONSTR_ATTR_DEFERRABLE"
                || constraint.text("contype") == "CONSTR_ATTR_DEFERRED"
            {
                // The attribute belongs to the constraint before it.
                let last = constraints.prefix { $0 != constraint }.last { $0.isKey }
                guard let last, last.text("contype") != "CONSTR_FOREIGN",
                    table.keys.last?.columns == [column.name]
                else { continue }
                table.keys[table.keys.count - 1].isDeferrable = true
            } else {
                Self.addConstraint(constraint, column: column.name, to: &table, number)
            }
        }
    }

    private static func addConstraint(
        _ node: Node, column: String?, to table: inout DefinedTable, _ number: Int
    ) {
        let place = Place(statement: number, offset: node.location ?? 0)
        let name = node.text("conname")
        switch node.text("contype") {
        case "CONSTR_FOREIGN":
            guard let other = node.node("pktable")?.relationName else { return }
            table.foreignKeys.append(
                DefinedForeignKey(
                    name: name, columns: column.map { [$0] } ?? node.texts("fk_attrs"), referenced: other,
                    referencedColumns: node.texts("pk_attrs"), place: place))
        case "CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION":
            let kind: DefinedKey.Kind =
                switch node.text("contype") {
                case "CONSTR_PRIMARY": .primary
                case "CONSTR_UNIQUE": .unique
                default: .exclusion
                }
            var key = DefinedKey(
                kind: kind, name: name, columns: column.map { [$0] } ?? node.texts("keys"), place: place)
            key.isDeferrable = node.flag("deferrable") || node.flag("initdeferred")
            key.nullsNotDistinct = node.flag("nulls_not_distinct")
            key.hasStorageParameters = !node.nodes("options").isEmpty
            key.usingIndex = node.text("indexname")
            if kind == .primary {
                for at in table.columns.indices where key.columns.contains(table.columns[at].name) {
                    table.columns[at].isNotNull = true
                }
            }
            table.keys.append(key)
        default: break
        }
    }

    // MARK: Indexes

    private mutating func index(_ tree: Node, _ number: Int) {
        guard let relation = tree.node("relation"), let table = relation.relationName else { return }
        let start = relation.location ?? 0
        let keys = tree.nodes("indexParams").map { key in
            let place = key.node("expr")?.location ?? start
            return DefinedIndexKey(
                column: key.text("name"), expression: key.node("expr"),
                ordering: key.text("ordering") ?? "SORTBY_DEFAULT",
                place: Place(statement: number, offset: place))
        }
        model.indexes.append(
            DefinedIndex(
                name: tree.text("idxname") ?? "", table: table, shownTable: relation.shownName,
                place: Place(statement: number, offset: start),
                method: tree.text("accessMethod") ?? "btree", isUnique: tree.flag("unique"), keys: keys,
                included: tree.nodes("indexIncludingParams").compactMap { $0.text("name") },
                predicate: tree.node("whereClause"), options: tree.nodes("options"),
                nullsNotDistinct: tree.flag("nulls_not_distinct"), node: tree))
    }
}

extension Node {
    /// The name of a `RangeVar`.
    var relationName: QualifiedName? {
        guard let name = text("relname") else { return nil }
        return QualifiedName(schema: text("schemaname") ?? SchemaModel.defaultSchema, name: name)
    }

    /// The name of a `RangeVar` as the statement writes it, without quotes.
    var shownName: String {
        (text("schemaname").map { $0 + "." } ?? "") + (text("relname") ?? "")
    }

    fileprivate func qualified(_ field: String) -> QualifiedName {
        let parts = texts(field)
        return QualifiedName(
            schema: parts.count > 1 ? parts[parts.count - 2] : SchemaModel.defaultSchema,
            name: parts.last ?? "")
    }

    fileprivate var isKey: Bool {
        ["CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_FOREIGN"].contains(text("contype"))
    }
}
