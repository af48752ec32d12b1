import Records

/// A session that reads what the gates of a cutover judge. It reads only, beside the stream: no change waits
/// for it. It connects at its first use, and again after an error. It stays on the thread that uses it.
package protocol GateSession: AnyObject {
    /// Reads the state of the server and the rights of the role. A part that the role may not read, or that
    /// the database does not have, is named in `unreadable`; it ends no call. Any other error is thrown.
    func server(_ question: GateQuestion) throws -> ServerReadings

    /// Reads the catalog. It waits only a few seconds for a lock of another session, and then throws an error
    /// with the condition `.conflict`.
    ///
    /// - Parameters:
    ///   - tables: the migrated tables
    ///   - choose: returns the sequences whose state is read
    func catalog(
        ofTables tables: [QualifiedName], reading choose: ([SequenceDefinition]) -> [SequenceDefinition]
    ) throws -> CatalogReadings
}

/// What the gates ask a server.
package struct GateQuestion: Sendable, Equatable {
    /// The role of the database in the leg under way.
    package enum Place: Sendable, Equatable {
        case origin
        case destination
    }

    package var place: Place
    /// The migrated tables.
    package var tables: [QualifiedName]
    /// The leg that a fall-back from this database would be; nil if none can follow.
    package var fallBack: Leg?

    package init(place: Place, tables: [QualifiedName], fallBack: Leg?) {
        self.place = place
        self.tables = tables
        self.fallBack = fallBack
    }
}

/// The state of a server, and the rights of the role on it.
package struct ServerReadings: Sendable, Codable, Equatable {
    /// A choice of the operator for a cutover that needs rights of its own.
    package enum Choice: String, Sendable, Codable {
        case fallBack
        case databaseFence
        case tableFence
        case rightsFence
        case disconnection
        /// A disconnection with the fence of the database; no right is only for it.
        case databaseDisconnection
        /// A disconnection with the fence of the tables; no right is only for it.
        case tableDisconnection
    }

    /// A right that a later step of a cutover needs.
    package struct Right: Sendable, Codable, Equatable {
        /// The step that needs it, in words.
        package var step: String
        package var right: String
        package var isGranted: Bool
        /// Whether the step does without it, but less well.
        package var isOptional: Bool
        /// The operator's choice that alone needs it; nil if every cutover does.
        package var onlyFor: Choice?
        /// The statement that grants it.
        package var remedy: String

        package init(
            step: String, right: String, isGranted: Bool, isOptional: Bool = false,
            onlyFor: Choice? = nil, remedy: String
        ) {
            self.step = step
            self.right = right
            self.isGranted = isGranted
            self.isOptional = isOptional
            self.onlyFor = onlyFor
            self.remedy = remedy
        }
    }

    /// The parts that may be unreadable.
    package enum Part: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
        case rights
        case capacity
        case names
        case identities
        case triggers
        case writers
    }

    /// Product and major release: other releases may print equal views in other words.
    package var release: String
    package var rights: [Right] = []
    /// Nil if the database has no such bound.
    package var freeSlots: Int?
    package var freeSenders: Int?
    /// Nil if it does not apply to this database.
    package var isLogical: Bool?
    /// Slots and publications with the names of ours that this migration did not make, each with the
    /// statement that drops it.
    package var foreign: [Foreign] = []
    /// What is known against streaming from this release and with its settings.
    package var hazards: [Hazard] = []
    /// What the migrated tables lack to be streamed from here.
    package var lacks: [TableIdentity.Lack] = []
    /// What fires for the rows that are applied here.
    package var alwaysTriggers: [AlwaysTrigger] = []
    /// Open write transactions and prepared transactions on the migrated tables.
    package var writers: [OpenWriter] = []
    /// Why a part could not be read, with the grant that mends it.
    package var unreadable: [Part: Unreadable] = [:]

    package struct Foreign: Sendable, Codable, Equatable {
        package var words: String
        package var remedy: String

        package init(words: String, remedy: String) {
            self.words = words
            self.remedy = remedy
        }
    }

    /// Something that is known against streaming from a server.
    package struct Hazard: Sendable, Codable, Equatable {
        package var words: String
        package var remedy: String
        /// Whether nothing can be streamed, or nothing that could be relied on.
        package var isFatal: Bool

        package init(words: String, remedy: String, isFatal: Bool) {
            self.words = words
            self.remedy = remedy
            self.isFatal = isFatal
        }
    }

    package struct Unreadable: Sendable, Codable, Equatable {
        package var reason: String
        package var remedy: String

        package init(reason: String, remedy: String) {
            self.reason = reason
            self.remedy = remedy
        }
    }

    package init(release: String) { self.release = release }
}

/// What the gates compare of the catalogs of both databases.
package struct CatalogReadings: Sendable, Codable, Equatable {
    /// Product and major release.
    package var release: String
    /// The shapes of the migrated tables, in name order.
    package var shapes: [TableShape]
    /// All sequences of the schemas.
    package var sequences: [SequenceDefinition]
    /// The state of those that were chosen.
    package var values: [SequenceValue]
    package var objects: [CatalogObject]

    package init(
        release: String, shapes: [TableShape], sequences: FoundSequences, objects: [CatalogObject]
    ) {
        self.release = release
        self.shapes = shapes
        self.sequences = sequences.definitions
        values = sequences.values
        self.objects = objects
    }
}
