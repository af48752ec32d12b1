import Records

/// The comparison of a table as the stream announces it with the same table on the destination.
///
/// It is a value that decides whether changes can be applied without losing data unnoticed. What was
/// different when the table was first applied is the operator's doing (a schema edited for the target). It is
/// no difference as long as neither side changes it.
package struct SchemaFit {
    package let announced: AnnouncedTable
    /// The table on the destination; nil if the destination lacks it.
    package let shape: TableShape?
    package let direction: Direction
    /// Both tables when changes were last applied; nil before the first change.
    package let before: FittedTable?
    /// The types of the origin's columns when the migration began; nil if this leg begins later.
    package let start: [Identifier: String]?

    /// The first OID that is not the server's own. Lower OIDs name the same type on every server.
    static let firstOwnTypeOID: UInt32 = 16_384

    package init(
        announced: AnnouncedTable, shape: TableShape?, direction: Direction, before: FittedTable?,
        start: [Identifier: String]?
    ) {
        self.announced = announced
        self.shape = shape
        self.direction = direction
        self.before = before
        self.start = start
    }

    /// Returns the differences in the order of the columns; `typeText` names a type of the origin for people.
    package func differences(typeText: (AnnouncedTable.Column) -> String) -> [SchemaDifference] {
        kinds(typeText).map { SchemaDifference($0, table: announced.name, direction: direction) }
    }

    private func kinds(_ typeText: (AnnouncedTable.Column) -> String) -> [SchemaDifference.Kind] {
        guard let shape else { return [.tableMissing(wasThere: before != nil)] }
        let columns = announced.columns.compactMap { column -> SchemaDifference.Kind? in
            guard let there = shape.column(column.name) else {
                return .columnMissing(
                    column.name, type: typeText(column),
                    wasThere: before?.shape.column(column.name) != nil)
            }
            if there.isGenerated { return .columnGenerated(column.name) }
            return typeDifference(column, there, typeText)
        }
        return columns + columnsOfDestinationOnly(shape) + (keyDifference(shape).map { [$0] } ?? [])
    }

    // MARK: Types

    private func typeDifference(
        _ column: AnnouncedTable.Column, _ there: TableShape.Column,
        _ typeText: (AnnouncedTable.Column) -> String
    ) -> SchemaDifference.Kind? {
        guard !Self.isSame(column, there) else { return nil }
        let originChanged: Bool
        if let old = before?.announced.column(column.name), let oldThere = before?.shape.column(column.name) {
            originChanged = !Self.isSame(old, column)
            // Neither side has changed: the types were different when the table was first applied.
            if !originChanged, oldThere.hasType(of: there) { return nil }
        } else {
            // Announced for the first time: different only if both types were the same when the migration
            // began.
            guard let start, start[column.name] == there.typeText else { return nil }
            originChanged = true
        }
        return .columnRetyped(
            column.name,
            on: SchemaDifference.TypeNames(origin: typeText(column), destination: there.typeText),
            by: originChanged ? direction.origin : direction.destination)
    }

    static func isSame(_ column: AnnouncedTable.Column, _ there: TableShape.Column) -> Bool {
        guard column.typeModifier == there.typeModifier else { return false }
        if column.typeOID < firstOwnTypeOID || there.typeOID < firstOwnTypeOID {
            return column.typeOID == there.typeOID
        }
        // An older log has no type names. The OID then shows changes, see below.
        return column.typeName.map { $0 == there.typeName } ?? true
    }

    static func isSame(_ left: AnnouncedTable.Column, _ right: AnnouncedTable.Column) -> Bool {
        guard left.typeModifier == right.typeModifier else { return false }
        if let left = left.typeName, let right = right.typeName { return left == right }
        return left.typeOID == right.typeOID
    }

    // MARK: Columns that only the destination has

    private func columnsOfDestinationOnly(_ shape: TableShape) -> [SchemaDifference.Kind] {
        shape.columns.compactMap { column in
            guard !column.isGenerated, announced.column(column.name) == nil else { return nil }
            guard let before else {
                guard let start, start[column.name] != nil else { return nil }
                return .columnDropped(column.name)
            }
            if before.announced.column(column.name) != nil { return .columnDropped(column.name) }
            return before.shape.column(column.name) == nil ? .columnAdded(column.name) : nil
        }
    }

    // MARK: Identity

    /// Finds whether rows are identified by other columns than before. The destination's primary key may be
    /// the same.
    private func keyDifference(_ shape: TableShape) -> SchemaDifference.Kind? {
        guard let before else { return nil }
        let isSame =
            before.announced.identity == announced.identity && before.announced.key == announced.key
            && before.shape.key == shape.key
        guard !isSame else { return nil }
        switch announced.identity {
        case .nothing: return .identityRemoved
        case .full: return nil
        case .primaryKey, .index, .change:
            guard announced.key != shape.key else { return nil }
            return .keyChanged(
                SchemaDifference.KeyColumns(origin: announced.key, destination: shape.key),
                by: before.announced.key != announced.key ? direction.origin : direction.destination)
        }
    }
}
