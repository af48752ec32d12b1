/// The tables of a database and the parts of the partitioned ones, at one moment.
package struct OriginCatalog: Sendable, Codable, Equatable {
    /// A partition that has rows, at any depth below its root.
    package struct Part: Sendable, Codable, Equatable {
        package let name: QualifiedName
        /// File number of its rows; it changes with TRUNCATE, VACUUM FULL, CLUSTER and most ALTER TABLE.
        package let file: UInt32
        /// `FOR VALUES …`
        package let bound: String
        /// The transaction or subtransaction that created the file, or has changed the table since; nil in
        /// documents of earlier versions.
        package let transaction: UInt32?
        package let oid: UInt32?
        /// The transactions that attached it and its parents.
        package let attached: String?
        /// Why no stream carries its rows; nil if one does, and in documents of earlier versions.
        package let unstreamed: UnstreamedPartition.Kind?

        package init(
            name: QualifiedName, file: UInt32, bound: String = "",
            transaction: UInt32? = nil, oid: UInt32? = nil, attached: String? = nil,
            unstreamed: UnstreamedPartition.Kind? = nil
        ) {
            self.name = name
            self.file = file
            self.bound = bound
            self.transaction = transaction
            self.oid = oid
            self.attached = attached
            self.unstreamed = unstreamed
        }

        /// Whether it is the same table as before and was a partition all the time. True if a document of an
        /// earlier version lacks the facts.
        package func isSame(as earlier: Part) -> Bool {
            if let oid, let before = earlier.oid, oid != before { return false }
            if let attached, let before = earlier.attached, attached != before { return false }
            return true
        }
    }

    /// A table with its parts.
    package struct Entry: Sendable, Codable, Equatable {
        package let oid: UInt32
        /// Empty if the table is not partitioned.
        package var parts: [Part]

        package init(oid: UInt32, parts: [Part] = []) {
            self.oid = oid
            self.parts = parts
        }
    }

    package var tables: [QualifiedName: Entry]

    package init(tables: [QualifiedName: Entry]) { self.tables = tables }

    package func part(_ name: QualifiedName, of root: QualifiedName) -> Part? {
        tables[root]?.parts.first { $0.name == name }
    }

    /// Whether these are all streamed parts of a root, and the same transaction has changed each of them
    /// last.
    package func areAll(_ parts: [Part], of root: QualifiedName) -> Bool {
        guard let first = parts.first?.transaction else { return false }
        return parts.count == tables[root]?.parts.count { $0.file != 0 && $0.unstreamed == nil }
            && parts.allSatisfy { $0.transaction == first }
    }

    /// Replaces the part of the same name.
    package mutating func put(_ part: Part, of root: QualifiedName) {
        guard let index = tables[root]?.parts.firstIndex(where: { $0.name == part.name }) else { return }
        tables[root]?.parts[index] = part
    }
}

extension OriginCatalog {
    private enum Keys: String, CodingKey { case tables }

    /// Reads also the form of earlier versions: an array of alternating names and entries.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        // An error here means that the document has the form of today; decoding it throws its own errors.
        guard var pairs = try? container.nestedUnkeyedContainer(forKey: .tables) else {
            self.init(tables: try container.decode([QualifiedName: Entry].self, forKey: .tables))
            return
        }
        var tables: [QualifiedName: Entry] = [:]
        while !pairs.isAtEnd {
            let name = try pairs.decode(QualifiedName.self)
            tables[name] = try pairs.decode(Entry.self)
        }
        self.init(tables: tables)
    }
}

/// The age of the first rows in a partition's file.
package enum PartRows: Sendable, Equatable {
    /// Some are older than the last check: the file is new, and its rows are not.
    case ofBefore
    /// No row is older than the last check, and some are of the transaction that has changed the table last.
    case ofItsOwn
    /// There are none, or they are of other transactions, or the role may not read them.
    case other
}
