/// The shape of a table, as schema changes may alter it: its columns with their types, and its primary key.
package struct TableShape: Sendable, Codable, Equatable {
    /// A column of the table, with its type.
    package struct Column: Sendable, Codable, Equatable {
        package let name: Identifier
        package let typeOID: UInt32
        package let typeModifier: Int32
        /// `format_type()`: `numeric(10,2)`.
        package let typeText: String
        /// `schema.type`, the same on every server.
        package let typeName: String
        package let isGenerated: Bool
        /// Part of the primary key.
        package let isKey: Bool

        package init(
            name: Identifier, typeOID: UInt32, typeModifier: Int32 = -1, typeText: String,
            typeName: String = "",
            isGenerated: Bool = false, isKey: Bool = false
        ) {
            self.name = name
            self.typeOID = typeOID
            self.typeModifier = typeModifier
            self.typeText = typeText
            self.typeName = typeName
            self.isGenerated = isGenerated
            self.isKey = isKey
        }

        /// Whether two columns have the same type. Their texts may differ: an earlier version read them under
        /// another search_path.
        package func hasType(of other: Column) -> Bool {
            typeName.isEmpty || other.typeName.isEmpty
                ? typeText == other.typeText
                : typeName == other.typeName && typeModifier == other.typeModifier
        }
    }

    package let name: QualifiedName
    package let columns: [Column]
    /// Number of partitions that have its rows; 0 if it is not partitioned.
    package let parts: Int

    package init(name: QualifiedName, columns: [Column], parts: Int = 0) {
        self.name = name
        self.columns = columns
        self.parts = parts
    }

    package func column(_ name: Identifier) -> Column? { columns.first { $0.name == name } }

    package var key: Set<Identifier> { Set(columns.filter(\.isKey).map(\.name)) }
}
