import Records

/// A table as its relation message describes it, in a form that is kept across restarts.
package struct AnnouncedTable: Sendable, Codable, Equatable {
    /// A column as the relation message describes it.
    package struct Column: Sendable, Codable, Equatable {
        package let name: Identifier
        package let isKey: Bool
        package let typeOID: UInt32
        package let typeModifier: Int32
        /// `schema.type` of a type that is the origin's own, whose OID means nothing elsewhere; nil if it is
        /// unknown.
        package let typeName: String?

        package init(
            name: Identifier, isKey: Bool = false, typeOID: UInt32, typeModifier: Int32 = -1,
            typeName: String? = nil
        ) {
            self.name = name
            self.isKey = isKey
            self.typeOID = typeOID
            self.typeModifier = typeModifier
            self.typeName = typeName
        }
    }

    package let name: QualifiedName
    package let identity: ReplicaIdentity
    package let columns: [Column]

    package init(name: QualifiedName, identity: ReplicaIdentity, columns: [Column]) {
        self.name = name
        self.identity = identity
        self.columns = columns
    }

    init(_ relation: RelationMessage, typeNames: [UInt32: String]) {
        self.init(
            name: relation.name, identity: relation.identity,
            columns: relation.columns.map {
                Column(
                    name: $0.name, isKey: $0.isKey, typeOID: $0.typeOID, typeModifier: $0.typeModifier,
                    typeName: typeNames[$0.typeOID])
            })
    }

    package func column(_ name: Identifier) -> Column? { columns.first { $0.name == name } }

    package var key: Set<Identifier> { Set(columns.filter(\.isKey).map(\.name)) }
}

/// A table as it was announced and as the destination had it when changes were last applied.
package struct FittedTable: Sendable, Codable, Equatable {
    package var announced: AnnouncedTable
    package var shape: TableShape

    package init(announced: AnnouncedTable, shape: TableShape) {
        self.announced = announced
        self.shape = shape
    }
}
