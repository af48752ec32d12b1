import Records

/// A difference between a table as the stream announces it and the same table on the destination.
package struct SchemaDifference: Sendable, Equatable {
    /// The kind of a difference, with what its text needs.
    package enum Kind: Sendable, Equatable {
        /// The destination lacks the table. `wasThere` says whether it had it when changes were last applied.
        case tableMissing(wasThere: Bool)
        /// The origin sends a column that the destination lacks.
        case columnMissing(Identifier, type: String, wasThere: Bool)
        /// The origin sends a column that is generated on the destination.
        case columnGenerated(Identifier)
        /// The types of a column are different; `by` names the side that changed it.
        case columnRetyped(Identifier, on: TypeNames, by: Side)
        /// The origin has dropped a column that the destination still has.
        case columnDropped(Identifier)
        /// The destination has a new column that the origin does not send.
        case columnAdded(Identifier)
        /// The origin has had a column only while the table was set aside. The log has values of it.
        case columnInLogOnly(Identifier)
        /// The origin no longer has a replica identity for the table.
        case identityRemoved
        /// The columns that identify a row are different; `by` names the side that changed them.
        case keyChanged(KeyColumns, by: Side)
    }

    /// The names of a column's type on both sides.
    package struct TypeNames: Sendable, Equatable {
        package let origin: String
        package let destination: String
    }

    /// The columns that identify a row on both sides.
    package struct KeyColumns: Sendable, Equatable {
        package let origin: Set<Identifier>
        package let destination: Set<Identifier>
    }

    package let kind: Kind
    package let table: QualifiedName
    package let direction: Direction

    package init(_ kind: Kind, table: QualifiedName, direction: Direction) {
        self.kind = kind
        self.table = table
        self.direction = direction
    }

    /// Whether nothing can be applied while the difference exists, even if the operator accepts it.
    package var isHard: Bool {
        switch kind {
        case .tableMissing, .columnMissing, .columnGenerated, .columnInLogOnly: true
        case .columnRetyped, .columnDropped, .columnAdded, .identityRemoved, .keyChanged: false
        }
    }
}

// MARK: Texts

extension SchemaDifference {
    private var origin: String { direction.origin.rawValue }
    private var destination: String { direction.destination.rawValue }

    /// The text that says what changed, on which side.
    package var words: String {
        switch kind {
        case .tableMissing(let wasThere):
            wasThere
                ? "the \(destination) no longer has the table" : "the \(destination) does not have the table"
        case .columnMissing(let column, let type, let wasThere):
            wasThere
                ? "the \(destination) no longer has column \(column)"
                : "the \(origin) has a new column \(column) (\(type))"
        case .columnGenerated(let column):
            "the \(origin) sends column \(column), which the \(destination) computes"
        case .columnRetyped(let column, let types, let side):
            side == direction.origin
                ? "the \(origin) has changed the type of column \(column) to \(types.origin); the "
                    + "\(destination) has \(types.destination)"
                : "the \(destination) has changed the type of column \(column) to \(types.destination); the "
                    + "\(origin) has \(types.origin)"
        case .columnDropped(let column): "the \(origin) no longer has column \(column)"
        case .columnAdded(let column):
            "the \(destination) has a new column \(column), which the \(origin) does not send"
        case .columnInLogOnly(let column): "the \(origin) had column \(column) for a while"
        case .identityRemoved: "the \(origin) no longer has a replica identity for the table"
        case .keyChanged(let key, let side):
            "the \(side.rawValue) has changed what identifies a row: the \(origin) has "
                + "\(Self.list(key.origin)), the \(destination) \(Self.list(key.destination))"
        }
    }

    /// SQL for the destination, or a sentence.
    package var remedy: String {
        let alter = "alter table \(table.quoted)"
        switch kind {
        case .tableMissing: return "create the table on the \(destination) with the rows it should have"
        case .columnMissing(let column, let type, _):
            return "\(alter) add column \(quoteIdentifier(column)) \(type), with the default it has on the "
                + "\(origin), if it has one: existing rows are not sent again"
        case .columnGenerated(let column):
            return "\(alter) alter column \(quoteIdentifier(column)) drop expression"
        case .columnRetyped(let column, let types, let side):
            let statement = "\(alter) alter column \(quoteIdentifier(column)) type \(types.origin)"
            return side == direction.origin
                ? "\(statement), with the USING that the \(origin) used, if any: existing rows are not sent "
                    + "again"
                : "\(statement). \(changedOnOriginToo)"
        case .columnDropped(let column): return "\(alter) drop column \(quoteIdentifier(column))"
        case .columnAdded(let column):
            return "\(alter) drop column \(quoteIdentifier(column)), or add it on the \(origin). "
                + changedOnOriginToo
        case .columnInLogOnly(let column):
            return "add column \(quoteIdentifier(column)) until the table has caught up"
        case .identityRemoved: return "on the \(origin): \(alter) replica identity default, or full"
        case .keyChanged(let key, let side):
            let statement =
                "give \(table.quoted) on the \(destination) the primary key \(Self.list(key.origin))"
            return side == direction.origin ? statement : "\(statement). \(changedOnOriginToo)"
        }
    }

    /// The origin announces a table only with the next change to it.
    private var changedOnOriginToo: String {
        "If the \(origin) has changed it, too, the table is applied again after its next change there, or "
            + "after `switchback retry table`"
    }

    private static func list(_ names: Set<Identifier>) -> String {
        names.isEmpty ? "no key" : "(" + names.sorted().listed + ")"
    }
}
