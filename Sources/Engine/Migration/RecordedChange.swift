import Records

/// A change that we made to a database for our own needs, with the statement that undoes it.
package struct RecordedChange: Codable, Sendable, Equatable {
    /// The kind of object that was changed. The journal has it as a kind with a name, and the operator reads
    /// `description`.
    package enum Kind: Codable, Hashable, Sendable, CustomStringConvertible {
        case slot(name: String)
        case publication(name: String)
        /// `default_transaction_read_only` of the database.
        case readOnlyFence
        /// The triggers on the migrated tables.
        case tableFence
        /// The rights to write to a table, which others had.
        case revokedRights(table: QualifiedName)
        /// A trigger of the application that is off, because it would fire for the rows that we write.
        case disabledTrigger(table: QualifiedName, name: String)
        /// A rule of the application that is off, for the same reason.
        case disabledRule(table: QualifiedName, name: String)
        /// A foreign key that is dropped, because it would be checked for the rows that we write.
        case droppedForeignKey(table: QualifiedName, name: String)
        /// A foreign key that is not validated yet, or that its partitions have and their root does not.
        case unfinishedForeignKey(table: QualifiedName, name: String)
        /// A sentence of an earlier version that this one does not write. Its statement undoes it as any
        /// other.
        case other(String)

        private static let slotWords = "replication slot "
        private static let publicationWords = "publication "
        private static let readOnlyFenceWords = "read-only fence (default_transaction_read_only)"
        private static let tableFenceWords = "write fence on the migrated tables (trigger)"

        package var description: String {
            switch self {
            case .slot(let name): Self.slotWords + name
            case .publication(let name): Self.publicationWords + name
            case .readOnlyFence: Self.readOnlyFenceWords
            case .tableFence: Self.tableFenceWords
            case .revokedRights(let table): "rights to write to \(table), revoked"
            case .disabledTrigger(let table, let name): "disabled trigger \(Identifier(name)) on \(table)"
            case .disabledRule(let table, let name): "disabled rule \(Identifier(name)) on \(table)"
            case .droppedForeignKey(let table, let name):
                "dropped foreign key \(Identifier(name)) of \(table)"
            case .unfinishedForeignKey(let table, let name):
                "foreign key \(Identifier(name)) of \(table), to be validated"
            case .other(let sentence): sentence
            }
        }

        /// Reads the sentence by which earlier versions identified a change.
        package init(earlierSentence sentence: String) {
            if sentence.hasPrefix(Self.slotWords) {
                self = .slot(name: String(sentence.dropFirst(Self.slotWords.count)))
            } else if sentence.hasPrefix(Self.publicationWords) {
                self = .publication(name: String(sentence.dropFirst(Self.publicationWords.count)))
            } else if sentence == Self.readOnlyFenceWords {
                self = .readOnlyFence
            } else if sentence == Self.tableFenceWords {
                self = .tableFence
            } else {
                self = .other(sentence)
            }
        }

        package var isFence: Bool {
            switch self {
            case .readOnlyFence, .tableFence, .revokedRights: true
            case .slot, .publication, .disabledTrigger, .disabledRule, .droppedForeignKey,
                .unfinishedForeignKey, .other:
                false
            }
        }

        /// Whether the change keeps something of the application from taking effect on the rows that we
        /// write.
        package var isSuspension: Bool {
            switch self {
            case .disabledTrigger, .disabledRule, .droppedForeignKey: true
            case .slot, .publication, .readOnlyFence, .tableFence, .revokedRights, .unfinishedForeignKey,
                .other:
                false
            }
        }

        package var isUnfinishedForeignKey: Bool {
            switch self {
            case .unfinishedForeignKey: true
            case .slot, .publication, .readOnlyFence, .tableFence, .revokedRights, .disabledTrigger,
                .disabledRule, .droppedForeignKey, .other:
                false
            }
        }

        /// Whether it is a revoked right.
        package var isRevocation: Bool { if case .revokedRights = self { true } else { false } }
    }

    package let side: Side
    package let kind: Kind
    package let undo: String
    /// The object as both catalogs must have it, while the change keeps it from being there like that.
    package let object: CatalogObject?
    package let madeAt: Double
    package var undoneAt: Double?

    package init(side: Side, kind: Kind, undo: String, object: CatalogObject? = nil, madeAt: Double) {
        self.side = side
        self.kind = kind
        self.undo = undo
        self.object = object
        self.madeAt = madeAt
    }

    /// `what` is the sentence of earlier versions, which had no kind.
    private enum CodingKeys: String, CodingKey { case side, kind, what, undo, object, madeAt, undoneAt }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        side = try container.decode(Side.self, forKey: .side)
        if let kind = try container.decodeIfPresent(Kind.self, forKey: .kind) {
            self.kind = kind
        } else {
            kind = Kind(earlierSentence: try container.decode(String.self, forKey: .what))
        }
        undo = try container.decode(String.self, forKey: .undo)
        object = try container.decodeIfPresent(CatalogObject.self, forKey: .object)
        madeAt = try container.decode(Double.self, forKey: .madeAt)
        undoneAt = try container.decodeIfPresent(Double.self, forKey: .undoneAt)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(side, forKey: .side)
        try container.encode(kind, forKey: .kind)
        try container.encode(undo, forKey: .undo)
        try container.encodeIfPresent(object, forKey: .object)
        try container.encode(madeAt, forKey: .madeAt)
        try container.encodeIfPresent(undoneAt, forKey: .undoneAt)
    }
}
