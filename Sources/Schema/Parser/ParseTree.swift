/// One node of a parse tree, as PostgreSQL's own parser makes it.
///
/// The kinds and fields have the names of PostgreSQL's structs: `CreateStmt` with `relation` and `tableElts`.
/// Fields with their default value are absent.
struct Node: Equatable, Sendable {
    /// A field of a node.
    struct Field: Equatable, Sendable {
        let name: String
        let value: Value
    }

    /// The value of a field.
    indirect enum Value: Equatable, Sendable {
        case node(Node)
        case list([Value])
        case text(String)
        case number(Int)
        case flag(Bool)
        case null
    }

    /// The struct's name; for a field whose type says which struct it is, the field's name: `relation`.
    let kind: String
    let fields: [Field]

    subscript(_ name: String) -> Value? { fields.first { $0.name == name }?.value }

    func node(_ name: String) -> Node? {
        guard case .node(let node) = self[name] else { return nil }
        return node
    }

    /// The nodes of a list; other elements are left out.
    func nodes(_ name: String) -> [Node] { self[name]?.nodes ?? [] }

    func text(_ name: String) -> String? {
        guard case .text(let text) = self[name] else { return nil }
        return text
    }

    func number(_ name: String) -> Int? {
        guard case .number(let number) = self[name] else { return nil }
        return number
    }

    func flag(_ name: String) -> Bool { self[name] == .flag(true) }

    /// The byte of the statement at which it begins. The first byte has no field of its own.
    var location: Int? { number("location").flatMap { $0 < 0 ? nil : $0 } }

    /// The texts of a list of strings: the parts of a name, or the columns of a key.
    func texts(_ name: String) -> [String] { nodes(name).compactMap(\.string) }

    /// The text of a `String` node, or of a constant.
    var string: String? {
        switch kind {
        case "String", "sval": text("sval") ?? ""
        case "A_Const": node("sval")?.text("sval") ?? (self["sval"] == nil ? nil : "")
        case "TypeName": texts("names").last
        default: nil
        }
    }

    /// Visits this node and all nodes below it, outermost first.
    func walk(_ visit: (Node) -> Void) {
        visit(self)
        for field in fields { field.value.walk(visit) }
    }
}

extension Node.Value {
    var nodes: [Node] {
        switch self {
        case .node(let node): node.kind == "List" ? node.nodes("items") : [node]
        case .list(let values):
            values.compactMap { value in
                guard case .node(let node) = value else { return nil }
                return node
            }
        case .text, .number, .flag, .null: []
        }
    }

    fileprivate func walk(_ visit: (Node) -> Void) {
        switch self {
        case .node(let node): node.walk(visit)
        case .list(let values): for value in values { value.walk(visit) }
        case .text, .number, .flag, .null: break
        }
    }
}
