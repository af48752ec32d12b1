/// A foreign key between two tables.
package struct TableReference: Sendable, Codable, Equatable, Comparable {
    package let child: QualifiedName
    package let parent: QualifiedName

    package init(child: QualifiedName, parent: QualifiedName) {
        self.child = child
        self.parent = parent
    }

    package static func < (left: TableReference, right: TableReference) -> Bool {
        (left.child, left.parent) < (right.child, right.parent)
    }
}
