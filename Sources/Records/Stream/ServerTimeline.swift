/// The timeline on which a server writes its WAL, and the end of that WAL (manual chapter "Streaming
/// Replication Protocol", IDENTIFY_SYSTEM).
package struct ServerTimeline: Sendable, Equatable {
    package let number: UInt32
    package let writtenThrough: LSN

    package init(number: UInt32, writtenThrough: LSN) {
        self.number = number
        self.writtenThrough = writtenThrough
    }

    /// The end of a timeline at the promotion of a standby.
    package struct Switch: Sendable, Equatable {
        package let from: UInt32
        package let at: LSN

        package init(from: UInt32, at: LSN) {
            self.from = from
            self.at = at
        }
    }

    /// Reads a timeline history file. Each line has the timeline that ended, the LSN of its end and a reason,
    /// separated by tabs (server file timeline.c, readTimeLineHistory).
    package static func switches(_ history: String) -> [Switch] {
        history.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(separator: "\t")
            guard words.count >= 2, let from = UInt32(words[0]), let at = LSN(words[1]) else { return nil }
            return Switch(from: from, at: at)
        }
    }
}
