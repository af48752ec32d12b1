import Records

/// The order of steps by what their statements need of each other, as the parser reads them. It is a value:
/// nothing runs here.
///
/// What it cannot see, such as the tables in the text of a function's body, is left to the repeated attempts
/// of the import.
struct DependencyOrder {
    /// A name that a statement gives or needs.
    private enum Name: Hashable {
        case relation(String, String)
        case routine(String, String)
        case `operator`(String, String)
    }

    /// Returns the steps so that each comes after those that create what it names. Steps that do not need
    /// each other keep their order, and so do those in a circle.
    static func ordered(_ steps: [ImportStep]) -> [ImportStep] {
        var providers: [Name: Int] = [:]
        var needed: [[Name]] = []
        for (index, step) in steps.enumerated() {
            var names: [Name] = []
            for statement in step.statements where statement.isWorthReading {
                // A statement that cannot be parsed keeps its place; the server says what is wrong with it.
                guard let tree = try? SQLParser.statements(of: statement.text).first else { continue }
                for name in created(by: tree) where providers[name] == nil { providers[name] = index }
                collect(tree, &names)
            }
            needed.append(names)
        }
        var result: [ImportStep] = []
        result.reserveCapacity(steps.count)
        var isPlaced = [Bool](repeating: false, count: steps.count)
        var isOpen = isPlaced
        for index in steps.indices where !isPlaced[index] {
            // The steps that wait for their providers, each with the place of its next name to look at.
            var path = [(step: index, next: 0)]
            isOpen[index] = true
            while let top = path.last {
                if top.next < needed[top.step].count {
                    path[path.count - 1].next += 1
                    guard let provider = providers[needed[top.step][top.next]], !isPlaced[provider],
                        !isOpen[provider]
                    else { continue }
                    isOpen[provider] = true
                    path.append((provider, 0))
                } else {
                    result.append(steps[top.step])
                    isPlaced[top.step] = true
                    path.removeLast()
                }
            }
        }
        return result
    }

    private static func created(by tree: Node) -> [Name] {
        switch tree.kind {
        case "CreateStmt", "CreateSeqStmt": relation(tree.node("relation") ?? tree.node("sequence"))
        case "CreateForeignTableStmt": relation(tree.node("base")?.node("relation"))
        case "ViewStmt": relation(tree.node("view"))
        case "CreateTableAsStmt": relation(tree.node("into")?.node("rel"))
        case "CompositeTypeStmt": relation(tree.node("typevar"))
        case "CreateEnumStmt", "CreateRangeStmt":
            pair(tree.texts("typeName")).map { [.relation($0, $1)] } ?? []
        case "CreateDomainStmt": pair(tree.texts("domainname")).map { [.relation($0, $1)] } ?? []
        case "CreateFunctionStmt": pair(tree.texts("funcname")).map { [.routine($0, $1)] } ?? []
        case "DefineStmt":
            pair(tree.texts("defnames")).map { schema, name in
                switch tree.text("kind") {
                case "OBJECT_AGGREGATE": [.routine(schema, name)]
                case "OBJECT_OPERATOR": [.operator(schema, name)]
                default: [.relation(schema, name)]
                }
            } ?? []
        default: []
        }
    }

    private static func relation(_ node: Node?) -> [Name] {
        guard let name = node?.relationName else { return [] }
        return [.relation(name.schema.text, name.name.text)]
    }

    private static func pair(_ parts: [String]) -> (String, String)? {
        switch parts.count {
        case 1: (SchemaModel.defaultSchema, parts[0])
        case 2: parts[0] == "pg_catalog" ? nil : (parts[0], parts[1])
        default: nil
        }
    }

    /// Adds what a tree names. A type's name may also be that of a function: an aggregate names its functions
    /// so.
    private static func collect(_ tree: Node, _ names: inout [Name]) {
        tree.walk { node in
            switch node.kind {
            case "RangeVar", "relation", "pktable", "sequence", "typevar":
                if let name = node.relationName { names.append(.relation(name.schema.text, name.name.text)) }
            case "TypeName", "typeName", "returnType":
                guard let (schema, name) = pair(node.texts("names")) else { return }
                names.append(.relation(schema, name))
                names.append(.routine(schema, name))
            case "FuncCall":
                if let (schema, name) = pair(node.texts("funcname")) { names.append(.routine(schema, name)) }
            case "ObjectWithArgs":
                if let (schema, name) = pair(node.texts("objname")) { names.append(.routine(schema, name)) }
            case "A_Expr":
                if let (schema, name) = pair(node.texts("name")) { names.append(.operator(schema, name)) }
            case "TypeCast":
                // nextval('shop.orders_id_seq'::regclass)
                guard node.node("typeName")?.texts("names").last == "regclass",
                    let text = node.node("arg")?.string, let (schema, name) = pair(Self.parts(of: text))
                else { return }
                names.append(.relation(schema, name))
            default: break
            }
        }
    }

    /// Returns the parts of a name in a literal.
    private static func parts(of text: String) -> [String] {
        guard case .statement(let statement)? = SQLScanner.itemsUntilFault(of: text).items.first else {
            return []
        }
        return statement.name(at: 0)?.parts ?? []
    }
}

extension SQLStatement {
    /// Whether it may create something that others need, or need something of its own; comments and settings
    /// do neither.
    fileprivate var isWorthReading: Bool { !begins(["comment"]) && !isSetting }
}
