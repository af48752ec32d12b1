import Records

/// What a leg starts from.
package enum LegStart: String, Codable, Sendable, CaseIterable {
    /// The rows that the slot's snapshot shows; the changes after it are streamed.
    case snapshot
    /// A position of the origin. Both databases have the same rows there.
    case position
    /// Data files that others export. No leg starts from them yet.
    case files

    /// Whether the origin's rows are exported under a snapshot, so that each table has the LSN of its own.
    package var hasSnapshot: Bool {
        switch self {
        case .snapshot: true
        case .position, .files: false
        }
    }

    /// Whether rows are imported before changes are applied.
    package var importsRows: Bool {
        switch self {
        case .snapshot, .files: true
        case .position: false
        }
    }
}

/// A stretch of the migration in which changes stream in one direction.
package struct Leg: Codable, Sendable, Equatable {
    package let number: Int
    package let direction: Direction
    package let start: LegStart
    package let slotName: String
    package let publicationName: String
    /// LSN from which the slot sends changes; nil until the slot is created.
    package var consistentPoint: LogPosition?
    package var origin = OriginIdentity()
    /// Why nothing more can be read from the origin; nil while it can.
    package var originLoss: String?
    /// Set by the release of the cutover that ends the leg.
    package var endedAt: Double?
    /// Set when slot and publication of the leg are removed.
    package var retiredAt: Double?

    package init(number: Int, direction: Direction, start: LegStart, uuid: String) {
        self.number = number
        self.direction = direction
        self.start = start
        let mark = uuid.replacingOccurrences(of: "-", with: "").prefix(16)
        slotName = "switchback_\(mark)_\(number)"
        publicationName = "switchback_\(mark)_\(number)"
    }
}

extension Leg {
    private enum CodingKeys: String, CodingKey {
        case number, direction, start, slotName, publicationName, consistentPoint, origin, originLoss
        case endedAt, retiredAt
        /// An earlier version stored what an origin is known by in these two.
        case barriersAreRows, originTimeline
    }

    /// Writes a leg to the journal, also under the keys of the earlier version, so that it continues the
    /// migration if it is installed again.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(number, forKey: .number)
        try fields.encode(direction, forKey: .direction)
        try fields.encode(start, forKey: .start)
        try fields.encode(slotName, forKey: .slotName)
        try fields.encode(publicationName, forKey: .publicationName)
        try fields.encodeIfPresent(consistentPoint, forKey: .consistentPoint)
        try fields.encode(origin, forKey: .origin)
        try fields.encodeIfPresent(origin.barriers.map { $0 == .row }, forKey: .barriersAreRows)
        try fields.encodeIfPresent(origin.timeline, forKey: .originTimeline)
        try fields.encodeIfPresent(originLoss, forKey: .originLoss)
        try fields.encodeIfPresent(endedAt, forKey: .endedAt)
        try fields.encodeIfPresent(retiredAt, forKey: .retiredAt)
    }

    /// Reads a leg from the journal. Earlier versions did not store its start: their first leg had the
    /// snapshot.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        number = try fields.decode(Int.self, forKey: .number)
        direction = try fields.decode(Direction.self, forKey: .direction)
        start =
            try fields.decodeIfPresent(LegStart.self, forKey: .start)
            ?? (number == 1 && direction == .forward ? .snapshot : .position)
        slotName = try fields.decode(String.self, forKey: .slotName)
        publicationName = try fields.decode(String.self, forKey: .publicationName)
        consistentPoint = try fields.decodeIfPresent(LogPosition.self, forKey: .consistentPoint)
        origin =
            try fields.decodeIfPresent(OriginIdentity.self, forKey: .origin)
            ?? OriginIdentity(
                timeline: try fields.decodeIfPresent(UInt32.self, forKey: .originTimeline),
                barriers: try fields.decodeIfPresent(Bool.self, forKey: .barriersAreRows).map {
                    $0 ? .row : .message
                })
        originLoss = try fields.decodeIfPresent(String.self, forKey: .originLoss)
        endedAt = try fields.decodeIfPresent(Double.self, forKey: .endedAt)
        retiredAt = try fields.decodeIfPresent(Double.self, forKey: .retiredAt)
    }
}
