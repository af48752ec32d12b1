/// A relation of the schemas that is not migrated as a table.
package struct OtherRelation: Sendable, Equatable {
    /// The kind of relation, which is why it is not migrated as a table.
    package enum Kind: Sendable, Equatable {
        case unlogged
        case foreign
        /// A member of an extension, which creates its rows.
        case `extension`
        case partition(of: QualifiedName)
        case view
        case materializedView
        case sequence
    }

    package let name: QualifiedName
    package let kind: Kind

    package init(name: QualifiedName, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}
