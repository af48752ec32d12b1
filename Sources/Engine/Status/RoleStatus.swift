import Records

/// The published status of a role, as far as it says which leg it is about.
package protocol RoleStatus {
    var direction: Direction { get }
    /// Number of the leg; nil in files of earlier versions, which had one leg in each direction.
    var leg: Int? { get }
    var state: RoleState { get }
    /// Seconds since 1970.
    var publishedAt: Double { get }
}

extension RoleStatus {
    /// Whether this is about the leg. Without a number, any leg in the direction will do.
    func isOf(_ leg: Leg) -> Bool { direction == leg.direction && (self.leg ?? leg.number) == leg.number }

    /// Whether both roles are at work on one leg.
    func isOfSameLeg(as other: some RoleStatus) -> Bool {
        guard direction == other.direction else { return false }
        guard let leg, let otherLeg = other.leg else { return true }
        return leg == otherLeg
    }
}
