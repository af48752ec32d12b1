/// The replica identity of a table or partition: the server requires one before an application can update or
/// delete rows of a published table (manual chapter "Publication").
package struct RowIdentity: Sendable, Equatable {
    /// The kind of a replica identity.
    package enum Kind: Sendable, Equatable {
        /// Updates and deletes fail once the table is published.
        case none
        /// The columns of a key, in the order of their names.
        case columns([Identifier])
        /// The whole old row is sent.
        case full
        /// YugabyteDB's own: the key and the changed columns.
        case change
    }

    /// The table, or the partition.
    package let name: QualifiedName
    package let kind: Kind
    /// It has a key, but a deferrable one.
    package let isDeferrable: Bool
    /// Its key has a generated column, whose values are not sent.
    package let isGenerated: Bool

    /// Whether REPLICA IDENTITY NOTHING is set.
    package let isNothing: Bool

    package init(
        name: QualifiedName, kind: Kind, isDeferrable: Bool = false, isGenerated: Bool = false,
        isNothing: Bool = false
    ) {
        self.isNothing = isNothing
        self.name = name
        self.kind = kind
        self.isDeferrable = isDeferrable
        self.isGenerated = isGenerated
    }

    /// Whether it identifies rows on both sides.
    var isUsable: Bool { kind != .none && !isGenerated }
}

/// A table with its own identity and those of the partitions that contain its rows.
package struct TableIdentity: Sendable, Equatable {
    package let table: RowIdentity
    package var parts: [RowIdentity]

    package init(table: RowIdentity, parts: [RowIdentity] = []) {
        self.table = table
        self.parts = parts
    }

    /// A missing identity: without it a publication of the table would break updates and deletes.
    package struct Lack: Sendable, Codable, Equatable {
        /// The table, or one of its partitions.
        package let name: QualifiedName
        package let found: String
        /// The identity that the remedy creates.
        package let wanted: String
        /// SQL.
        package let remedy: String

        /// Statements of the remedy; empty if it is no SQL.
        package let statements: [String]
        /// Statements that restore the identity of before.
        package let undo: [String]

        package init(
            name: QualifiedName, found: String, wanted: String, remedy: String, statements: [String] = [],
            undo: [String] = []
        ) {
            self.name = name
            self.found = found
            self.wanted = wanted
            self.remedy = remedy
            self.statements = statements
            self.undo = undo
        }
    }

    /// Returns what a table lacks on YugabyteDB, which silently streams no changes of a table without primary
    /// key.
    package static func lackOnYugabyteDB(_ table: Table) -> Lack? {
        guard table.primaryKey.isEmpty else { return nil }
        return Lack(
            name: table.name, found: "no primary key, and YugabyteDB streams nothing of such a table",
            wanted: "a primary key",
            remedy: "give it one on both sides")
    }

    /// What the table or its partitions lack on YugabyteDB besides a primary key: the manual has updates and
    /// deletes of a published table fail under REPLICA IDENTITY NOTHING.
    package var lacksOnYugabyteDB: [Lack] {
        ([table] + parts).filter(\.isNothing).map { identity in
            let statement = "alter table \(identity.name.quoted) replica identity change"
            return Lack(
                name: identity.name, found: Self.words(identity), wanted: "REPLICA IDENTITY CHANGE",
                remedy: statement, statements: [statement], undo: [Self.restore(identity)])
        }
    }

    /// What is missing for updates and deletes to work, and to be applied on the destination. The stream
    /// names the root, and carries the columns of the partition's identity, so the two must agree.
    package var lacks: [Lack] {
        if !table.isUsable {
            // A partition does not inherit the identity of its root.
            let all = [table.name] + parts.filter { $0.kind != .full }.map(\.name)
            return [
                Lack(
                    name: table.name, found: Self.words(table),
                    wanted: "a primary key, or REPLICA IDENTITY FULL"
                        + (all.count > 1 ? " of it and its partitions" : ""),
                    remedy: all.map(Self.makeFull).joined(separator: "; "),
                    statements: all.map(Self.makeFull),
                    undo: ([table] + parts.filter { $0.kind != .full }).map(Self.restore))
            ]
        }
        return parts.compactMap { part in
            guard part.isUsable else {
                return Lack(
                    name: part.name, found: Self.words(part),
                    wanted:
                        "REPLICA IDENTITY FULL, because a partition does not inherit the identity of "
                        + "\(table.name)",
                    remedy: Self.makeFull(part.name), statements: [Self.makeFull(part.name)],
                    undo: [Self.restore(part)])
            }
            return switch (table.kind, part.kind) {
            case (_, .full), (_, .change), (.none, _), (.change, _), (_, .none): nil
            case (.full, .columns):
                Lack(
                    name: part.name,
                    found: "its key only, where \(table.name) says that whole rows are sent",
                    wanted: "REPLICA IDENTITY FULL, as \(table.name) has",
                    remedy: Self.makeFull(part.name))
            case (.columns(let root), .columns(let own)):
                root == own
                    ? nil
                    : Lack(
                        name: part.name,
                        found: "(\(own.listed)), where \(table.name) has (\(root.listed))",
                        wanted: "the columns that \(table.name) has",
                        remedy: "alter table \(part.name.quoted) replica identity default")
            }
        }
    }

    private static func words(_ identity: RowIdentity) -> String {
        if identity.kind != .none { return "a key with a generated column, which the stream does not carry" }
        return "none: the application's updates and deletes would fail"
            + (identity.isDeferrable
                ? "; its key is deferrable, which the server does not accept as an identity" : "")
    }

    /// The statement that restores an identity. One that no key gives is the default, or NOTHING.
    private static func restore(_ identity: RowIdentity) -> String {
        "alter table \(identity.name.quoted) replica identity \(identity.isNothing ? "nothing" : "default")"
    }

    private static func makeFull(_ name: QualifiedName) -> String {
        "alter table \(name.quoted) replica identity full"
    }
}
