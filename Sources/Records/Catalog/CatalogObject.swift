/// An object of a catalog that a migration of the rows does not carry, and that both databases must have.
///
/// The definition is the server's own text without the object's name, printed under an empty search path. Two
/// servers therefore print equal objects alike.
package struct CatalogObject: Sendable, Codable, Hashable {
    /// The kind of object. The raw value is stored and shown.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case index
        case constraint
        case notNull = "not-null column"
        case trigger
        case rule
        case view
        case defaultValue = "default"
    }

    package let kind: Kind
    /// The table, or the view itself.
    package let table: QualifiedName
    /// The object's name, or the column's. Empty for a view.
    package let name: String
    package let definition: String
    /// A statement that makes the object. Empty if no single statement does.
    package let statement: String
    /// The parent of the table, if the object is a trigger that a partition has from there; otherwise nil.
    package let parent: QualifiedName?

    package init(
        kind: Kind, table: QualifiedName, name: String, definition: String, statement: String = "",
        parent: QualifiedName? = nil
    ) {
        self.parent = parent
        self.kind = kind
        self.table = table
        self.name = name
        self.definition = definition
        self.statement = statement
    }

    /// `index item_v_idx on public.item`
    package var words: String {
        name.isEmpty ? "\(kind.rawValue) \(table)" : "\(kind.rawValue) \(Identifier(name)) on \(table)"
    }
}

extension CatalogObject {
    /// The ends of a definition that say when a trigger or rule fires, whether a constraint holds for all
    /// rows, and whether a materialized view is filled.
    private static let states = [
        " DISABLED", " ENABLE ALWAYS", " ENABLE REPLICA", " NOT VALID", " WITH NO DATA",
    ]

    /// What the definition says after the object itself: ` DISABLED`, for instance. Empty for a trigger or a
    /// rule that fires in ordinary sessions, for a constraint that is valid, and for a view that is filled.
    package var state: String {
        switch kind {
        case .trigger, .rule, .constraint, .view:
            Self.states.first { definition.hasSuffix($0) } ?? ""
        case .index, .notNull, .defaultValue: ""
        }
    }

    /// Whether it is a trigger or a rule that never fires.
    package var isDisabled: Bool { state == " DISABLED" }

    /// The definition without its state.
    package var plainDefinition: String { String(definition.dropLast(state.count)) }

    /// The same object in another state.
    package func inState(_ state: String) -> CatalogObject {
        CatalogObject(
            kind: kind, table: table, name: name, definition: plainDefinition + state, statement: statement,
            parent: parent)
    }
}

/// A trigger by its table and name.
private struct TriggerKey: Hashable {
    let table: QualifiedName
    let name: String
}

extension [CatalogObject] {
    /// The objects without the triggers that a partition has from its parent and that fire as the parent's.
    package var withoutCopies: [CatalogObject] {
        let triggers = filter { $0.kind == .trigger }
        let states = Dictionary(
            triggers.map { (TriggerKey(table: $0.table, name: $0.name), $0.state) },
            uniquingKeysWith: { first, _ in first })
        return filter { object in
            guard let parent = object.parent else { return true }
            return states[TriggerKey(table: parent, name: object.name)] != object.state
        }
    }
}
