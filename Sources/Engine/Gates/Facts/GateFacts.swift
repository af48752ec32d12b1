import Records

/// Facts with the time at which they were read.
package struct GateReading<Facts: Sendable & Equatable & Codable>: Sendable, Equatable, Codable {
    /// The leg in which they were read. Facts of an earlier leg say nothing.
    package var leg: Int
    /// Nil if they could not be read.
    package var facts: Facts?
    /// Why they could not be read.
    package var trouble: String?
    /// Whether the server did not answer.
    package var isAway = false
    /// Time since which it does not answer; nil while it does, and in files of earlier versions.
    package var awaySince: Double?
    /// Seconds since 1970; when the reading began.
    package var readAt: Double
    /// Age from which the reading is too old.
    package var goodForSeconds: Double

    package init(
        leg: Int, facts: Facts? = nil, trouble: String? = nil, isAway: Bool = false, readAt: Double,
        goodForSeconds: Double
    ) {
        self.leg = leg
        self.facts = facts
        self.trouble = trouble
        self.isAway = isAway
        self.readAt = readAt
        self.goodForSeconds = goodForSeconds
    }

    /// What the reading says about the server's health; nil if it is too old.
    func health(at now: Double) -> ServerHealth.Reading? {
        guard isFresh(at: now) else { return nil }
        return ServerHealth.Reading(
            readAt: readAt, isAway: isAway, awaySince: awaySince, reason: trouble ?? "")
    }

    /// A time in the future means that the clock was set back.
    func isFresh(at now: Double) -> Bool { abs(now - readAt) <= goodForSeconds }
}

/// Everything that the gates of a cutover judge.
package struct GateFacts: Sendable, Equatable {
    /// The cutover that is judged.
    package var options: CutoverOptions
    package var now: Double
    package var excluded: Set<QualifiedName> = []
    /// The migrated tables, without the excluded ones.
    package var tables: [QualifiedName] = []
    /// Those whose rows are not all copied.
    package var uncopied: [QualifiedName] = []
    package var isPaused = false
    package var tablesAreNamed = false
    package var accepted: [AcceptedDifference] = []
    package var origin: GateReading<ServerReadings>?
    package var destination: GateReading<ServerReadings>?
    package var originCatalog: GateReading<CatalogReadings>?
    package var destinationCatalog: GateReading<CatalogReadings>?
    /// What the roles publish; nil outside of a status.
    package var stream: StreamFacts?
    /// What is known of the equality of the rows; nil outside of a status.
    package var verification: VerificationStatus?
    /// When all tables were last compared and found equal.
    package var comparedAt: Double?
    /// When each table was last proved equal by a verification, as far as that still holds.
    package var provedAt: [QualifiedName: Double] = [:]

    package init(options: CutoverOptions, now: Double) {
        self.options = options
        self.now = now
    }

    var direction: Direction { options.ends }
    /// Whether the destination's changes will be streamed back.
    var streamsBack: Bool { options.continues }
}

/// What the roles publish of the stream, for the gates.
package struct StreamFacts: Sendable, Equatable {
    package var capture: CaptureStatus?
    package var apply: ApplyStatus?
    package var remainingEvents: Int64?
    package var timeToCatchUp: CatchUp
    package var servers: [Side: ServerHealth] = [:]
    package var diskLimits = DiskLimits()
    /// The sentence that says why a table prevents a cutover.
    package var tablesRefusal: String?
    package var incidents: IncidentCounts
    /// The roles that run in no process now, whatever they published before.
    package var absent: Set<Role> = []

    package init(
        capture: CaptureStatus?, apply: ApplyStatus?, remainingEvents: Int64?, timeToCatchUp: CatchUp,
        incidents: IncidentCounts = .zero
    ) {
        self.capture = capture
        self.apply = apply
        self.remainingEvents = remainingEvents
        self.timeToCatchUp = timeToCatchUp
        self.incidents = incidents
    }
}
