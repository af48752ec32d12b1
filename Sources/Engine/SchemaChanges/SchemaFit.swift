import Postgres
import Records

/// What stands between a table as the stream announces it and the same table on the destination.
package struct SchemaDifference: Sendable, Codable, Equatable {
    /// What changed, on which side.
    package let words: String
    /// SQL for the destination, or a sentence.
    package let remedy: String
    /// Nothing can be applied while it stands; the operator's word does not help.
    package let isHard: Bool
}

/// Whether the changes of a table can be applied to the destination without anything being lost unseen.
///
/// A value that decides. What was different when the table was first applied was the operator's doing (a schema edited
/// for the target), and is no difference as long as neither side changes it.
package struct SchemaFit {
    package let announced: AnnouncedTable
    /// nil where the destination does not have the table.
    package let shape: TableShape?
    package let direction: Direction
    /// How both were when changes were last applied; nil before the first.
    package let before: FittedTable?
    /// The types of the origin's columns when the migration began, where this leg begins with them.
    package let start: [Identifier: String]?

    /// Types below are the same number on every server.
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

    private var origin: String { direction.origin.rawValue }
    private var destination: String { direction.destination.rawValue }

    /// The stream tells how a table is with the next change of it only.
    private var changedThereToo: String {
        "Where the \(origin) has changed it, too, its next change there lets the table go on, or `switchback retry table`"
    }

    /// What is in the way, in the order of the columns; `typeText` names a type of the origin for people.
    package func differences(typeText: (AnnouncedTable.Column) -> String) -> [SchemaDifference] {
        guard let shape else {
            let isNew = before == nil
            return [
                SchemaDifference(
                    words: isNew
                        ? "the \(destination) does not have the table"
                        : "the \(destination) no longer has the table",
                    remedy: "create the table on the \(destination) with the rows it should have",
                    isHard: true)
            ]
        }
        var found: [SchemaDifference] = []
        let table = shape.name.quoted
        for column in announced.columns {
            let name = quoteIdentifier(column.name)
            guard let there = shape.column(column.name) else {
                let wasThere = before?.shape.column(column.name) != nil
                found.append(
                    SchemaDifference(
                        words: wasThere
                            ? "the \(destination) no longer has column \(column.name)"
                            : "the \(origin) has a new column \(column.name) (\(typeText(column)))",
                        remedy: "alter table \(table) add column \(name) \(typeText(column))"
                            + ", with the default it has on the \(origin), if it has one: the rows that are there are not sent again",
                        isHard: true))
                continue
            }
            if there.isGenerated {
                found.append(
                    SchemaDifference(
                        words: "the \(origin) sends column \(column.name), which the \(destination) computes",
                        remedy: "alter table \(table) alter column \(name) drop expression", isHard: true))
            } else if let difference = typeDifference(column, there, table, typeText) {
                found.append(difference)
            }
        }
        found += extraColumns(shape, table)
        if let difference = identityDifference(shape) { found.append(difference) }
        return found
    }

    // MARK: Types

    private func typeDifference(
        _ column: AnnouncedTable.Column, _ there: TableShape.Column, _ table: String,
        _ typeText: (AnnouncedTable.Column) -> String
    ) -> SchemaDifference? {
        guard !Self.isSame(column, there) else { return nil }
        let originChanged: Bool
        if let old = before?.announced.column(column.name), let oldThere = before?.shape.column(column.name) {
            originChanged = !Self.isSame(old, column)
            // Neither side has changed: it was so from the first.
            if !originChanged, oldThere.hasType(of: there) { return nil }
        } else {
            // Seen for the first time: different only where both were alike when the migration began.
            guard let start, start[column.name] == there.typeText else { return nil }
            originChanged = true
        }
        let now = typeText(column)
        return SchemaDifference(
            words: originChanged
                ? "the \(origin) has changed the type of column \(column.name) to \(now); the \(destination) has \(there.typeText)"
                : "the \(destination) has changed the type of column \(column.name) to \(there.typeText); the \(origin) has \(now)",
            remedy: "alter table \(table) alter column \(quoteIdentifier(column.name)) type \(now)"
                + (originChanged
                    ? ", with the USING it was given there, if it was: the rows that are there are not sent again"
                    : ". \(changedThereToo)"),
            isHard: false)
    }

    static func isSame(_ column: AnnouncedTable.Column, _ there: TableShape.Column) -> Bool {
        guard column.typeModifier == there.typeModifier else { return false }
        if column.typeOID < firstOwnTypeOID || there.typeOID < firstOwnTypeOID {
            return column.typeOID == there.typeOID
        }
        // Not known by name: an older log. Its number then tells changes, see below.
        return column.typeName.map { $0 == there.typeName } ?? true
    }

    static func isSame(_ left: AnnouncedTable.Column, _ right: AnnouncedTable.Column) -> Bool {
        guard left.typeModifier == right.typeModifier else { return false }
        if let left = left.typeName, let right = right.typeName { return left == right }
        return left.typeOID == right.typeOID
    }

    // MARK: Columns only the destination has

    private func extraColumns(_ shape: TableShape, _ table: String) -> [SchemaDifference] {
        shape.columns.compactMap { column in
            guard !column.isGenerated, announced.column(column.name) == nil else { return nil }
            let originHadIt: Bool
            if let before {
                originHadIt = before.announced.column(column.name) != nil
                if !originHadIt, before.shape.column(column.name) != nil { return nil }
            } else {
                guard let start, start[column.name] != nil else { return nil }
                originHadIt = true
            }
            return SchemaDifference(
                words: originHadIt
                    ? "the \(origin) no longer has column \(column.name)"
                    : "the \(destination) has a new column \(column.name), which the \(origin) does not send",
                remedy: "alter table \(table) drop column \(quoteIdentifier(column.name))"
                    + (originHadIt ? "" : ", or add it on the \(origin). \(changedThereToo)"), isHard: false)
        }
    }

    // MARK: Identity

    /// Rows are found by other columns than before. It fits where the destination's primary key is the same.
    private func identityDifference(_ shape: TableShape) -> SchemaDifference? {
        guard let before else { return nil }
        let isSame =
            before.announced.identity == announced.identity && before.announced.key == announced.key
            && before.shape.key == shape.key
        guard !isSame else { return nil }
        switch announced.identity {
        case .nothing:
            return SchemaDifference(
                words: "the \(origin) no longer has a replica identity for the table",
                remedy:
                    "on the \(origin): alter table \(shape.name.quoted) replica identity default, or full",
                isHard: false)
        case .full: return nil
        case .primaryKey, .index, .change:
            guard announced.key != shape.key else { return nil }
            let changed = before.announced.key != announced.key ? origin : destination
            return SchemaDifference(
                words: "the \(changed) has changed what identifies a row: the \(origin) has "
                    + "\(Self.list(announced.key)), the \(destination) \(Self.list(shape.key))",
                remedy:
                    "give \(shape.name.quoted) on the \(destination) the primary key \(Self.list(announced.key))"
                    + (changed == origin ? "" : ". \(changedThereToo)"),
                isHard: false)
        }
    }

    private static func list(_ names: Set<Identifier>) -> String {
        names.isEmpty ? "no key" : "(" + names.sorted().listed + ")"
    }
}
