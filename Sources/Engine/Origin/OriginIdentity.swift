import Records

/// What an origin is known by. It is compared before more is taken from the origin.
package struct OriginIdentity: Codable, Sendable, Equatable {
    /// The server and the database, as `DatabaseSide.identity` reads them; nil before the first connection of
    /// the leg.
    package var database: String?
    /// The timeline of its log; nil before the first stream, and if the origin has none.
    package var timeline: UInt32?
    /// How barriers come through its stream; nil before the origin is prepared.
    package var barriers: BarrierForm?

    package init(database: String? = nil, timeline: UInt32? = nil, barriers: BarrierForm? = nil) {
        self.database = database
        self.timeline = timeline
        self.barriers = barriers
    }
}

/// The form in which barriers come through an origin's stream.
package enum BarrierForm: String, Codable, Sendable, Equatable {
    case message
    /// A row of a table of ours, for an origin without messages or a role that may not write them.
    case row
}
