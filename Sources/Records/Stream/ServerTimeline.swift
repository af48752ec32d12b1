/// The timeline on which a server writes its WAL, and the end of that WAL (manual chapter "Streaming
/// Replication Protocol", IDENTIFY_SYSTEM).
package struct ServerTimeline: Sendable, Equatable {
    package let number: UInt32
    package let writtenThrough: LogPosition

    package init(number: UInt32, writtenThrough: LogPosition) {
        self.number = number
        self.writtenThrough = writtenThrough
    }

    /// The end of a timeline at the promotion of a standby.
    package struct Switch: Sendable, Equatable {
        package let from: UInt32
        package let at: LogPosition

        package init(from: UInt32, at: LogPosition) {
            self.from = from
            self.at = at
        }
    }
}
