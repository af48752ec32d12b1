import Records

/// A stretch of the migration in which changes stream in one direction.
package struct Leg: Codable, Sendable, Equatable {
    package let number: Int
    package let direction: Direction
    package let slotName: String
    package let publicationName: String
    /// LSN from which the slot sends changes; nil until the slot is created.
    package var consistentPoint: LSN?
    /// Whether barriers are rows of a table of ours, because logical messages do not come through. Nil means
    /// no; records that are older than the choice have nil.
    package var barriersAreRows: Bool?
    /// The origin's timeline when it was last streamed from; nil before.
    package var originTimeline: UInt32?
    /// Why nothing more can be read from the origin; nil while it can.
    package var originLoss: String?
    /// Set by the release of the cutover that ends the leg.
    package var endedAt: Double?
    /// Set when slot and publication of the leg are removed.
    package var retiredAt: Double?

    package init(number: Int, direction: Direction, uuid: String) {
        self.number = number
        self.direction = direction
        let mark = uuid.replacingOccurrences(of: "-", with: "").prefix(16)
        slotName = "switchback_\(mark)_\(number)"
        publicationName = "switchback_\(mark)_\(number)"
    }
}
