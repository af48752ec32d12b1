import Records

/// The published status of a role, as far as it says which leg it is about.
package protocol RoleStatus {
    var direction: Direction { get }
    /// Number of the leg; nil in files of earlier versions, which had one leg in each direction.
    var leg: Int? { get }
    var state: RoleState { get }
    var retries: Retries { get }
    /// The contact with the server of the role; nil in files of earlier versions.
    var server: ServerContact? { get set }
    /// Seconds since 1970.
    var publishedAt: Double { get }
}

extension RoleStatus {
    /// Takes note that the server has answered.
    mutating func answered(at now: Double) {
        var contact = server ?? ServerContact()
        contact.answered(at: now)
        server = contact
    }

    /// Takes note of an error of the server, or of the connection to it.
    mutating func failed(_ error: any Error, at now: Double) {
        var contact = server ?? ServerContact()
        contact.failed(error, at: now)
        server = contact
    }

    /// Whether this is about the leg. Without a number, any leg in the direction will do.
    func isOf(_ leg: Leg) -> Bool { direction == leg.direction && (self.leg ?? leg.number) == leg.number }

    /// Whether both roles are at work on one leg.
    func isOfSameLeg(as other: some RoleStatus) -> Bool {
        guard direction == other.direction else { return false }
        guard let leg, let otherLeg = other.leg else { return true }
        return leg == otherLeg
    }
}
