/// What a role is at, as a word and, where it waits, for what.
package struct RoleState: Sendable, Codable, Equatable {
    package enum Word: String, Sendable, Codable {
        case starting
        case snapshot
        case streaming
        case paused
        /// Waiting for a server to come back, or for a condition to pass; `reason` says since what error.
        case retrying
        /// Waiting for the other role.
        case waiting
        /// Stopped by an error that needs the operator; `reason` says what to do.
        case stopped
        /// Ended in good order because it was asked to; the next start goes on.
        case ended
        case done
    }

    package var word: Word
    package var reason: String
    /// Seconds since 1970.
    package var since: Double

    package init(word: Word, reason: String = "", since: Double) {
        self.word = word
        self.reason = reason
        self.since = since
    }
}

/// How often a role had to begin again because of its server, in this run, and the last time of it.
package struct Retries: Sendable, Codable, Equatable {
    package var count = 0
    /// What the server, or the way to it, said.
    package var reason = ""
    /// Seconds since 1970; 0 before the first.
    package var at = 0.0
    /// When it is tried again, or was.
    package var nextAt = 0.0

    package init() {}

    package mutating func add(_ reason: String, at now: Double, waitMilliseconds: Int) {
        count += 1
        self.reason = reason
        at = now
        nextAt = now + Double(waitMilliseconds) / 1000
    }
}
