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
    /// Whether it is a trigger or a rule that never fires; nil if it is neither.
    package let isDisabled: Bool?

    package init(
        kind: Kind, table: QualifiedName, name: String, definition: String, statement: String = "",
        isDisabled: Bool? = nil
    ) {
        self.kind = kind
        self.table = table
        self.name = name
        self.definition = definition
        self.statement = statement
        self.isDisabled = isDisabled
    }

    /// `index item_v_idx on public.item`
    package var words: String {
        name.isEmpty ? "\(kind.rawValue) \(table)" : "\(kind.rawValue) \(Identifier(name)) on \(table)"
    }
}
