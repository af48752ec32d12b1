import Records

/// A database that says beforehand which statements the engine's work would run on it.
package protocol PlannedDatabase: Sendable {
    /// Returns the statements of a piece of work, in their order, as the catalog makes them now. It reads
    /// only. The texts come from where the work itself takes them. It waits a few seconds for a lock, and
    /// then throws an error with the condition `.conflict`.
    func statements(of work: PlannedWork) throws -> [PlannedStatement]
}

/// A piece of work whose statements are asked for.
package enum PlannedWork: Sendable, Equatable {
    /// The start of the live migration: what the first leg needs on this side.
    case start(Leg, tables: [QualifiedName])
    /// All steps of any cutover that ends this leg, as far as they are this side's.
    case cutover(Leg, tables: [QualifiedName])
    /// The removal of our metadata at the end; what the record has as changes is not among it.
    case removal
    /// The end of a session of somebody else.
    case sessionEnd
}

/// One statement of a piece of work, or the same statement for several objects.
package struct PlannedStatement: Sendable, Codable, Equatable {
    /// The part of the work that runs it.
    package enum Part: Sendable, Codable, Hashable {
        case start
        case step(CutoverStep)
        /// The opening of a fence that stands at the end, before anything else is removed.
        case opening
        case removal
        case sessionEnd
    }

    /// What takes it back.
    package enum Undo: Sendable, Codable, Equatable {
        /// These statements do, each for its own object, or all together.
        case statements([String])
        /// It only reads.
        case reads
        /// Nothing is there to take back, for the reason.
        case notNeeded(String)
        case impossible
    }

    package var part: Part
    /// The texts in their order, exactly as they are sent; one for each object. A sentence if none is sent.
    package var texts: [String]
    /// What the texts are made for, such as `14 tables`; empty for one statement.
    package var count = ""
    package var undo: Undo
    /// The operator's choice that alone needs it; nil if every one does.
    package var onlyFor: ServerReadings.Choice?
    /// Whether the texts are SQL.
    package var isSQL = true
    /// What the statement's parameters are, in words; empty if it has none.
    package var parameters = ""

    package init(
        _ part: Part, _ texts: [String], count: String = "", undo: Undo,
        onlyFor: ServerReadings.Choice? = nil, isSQL: Bool = true, parameters: String = ""
    ) {
        self.part = part
        self.texts = texts
        self.count = count
        self.undo = undo
        self.onlyFor = onlyFor
        self.isSQL = isSQL
        self.parameters = parameters
    }

    /// A sentence in place of a statement: nothing is sent.
    package static func sentence(
        _ part: Part, _ words: String, onlyFor: ServerReadings.Choice? = nil
    ) -> PlannedStatement {
        PlannedStatement(
            part, [words], undo: .notNeeded("nothing is run"), onlyFor: onlyFor, isSQL: false)
    }
}
