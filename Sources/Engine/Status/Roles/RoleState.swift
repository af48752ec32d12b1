/// The state of a role: a word, and the reason if it waits.
package struct RoleState: Sendable, Codable, Equatable {
    /// The state as one word.
    package enum Word: String, Sendable, Codable {
        case starting
        case snapshot
        case streaming
        case paused
        /// Waits for a server, or for a condition to pass; `reason` is the error.
        case retrying
        /// Waits for the other role.
        case waiting
        /// An error that needs the operator stopped it; `reason` says what to do.
        case stopped
        /// It was asked to end, and did; the next start continues.
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

/// The retries of a role because of its server, in this run: their number, and the last one.
package struct Retries: Sendable, Codable, Equatable {
    package var count = 0
    /// The error of the server or of the connection.
    package var reason = ""
    /// Seconds since 1970; 0 before the first.
    package var at = 0.0
    /// Time of the next or the last retry.
    package var nextAt = 0.0
    /// Time of the first retry of those that followed each other; nil before the first, and in files of
    /// earlier versions.
    package var since: Double?

    /// A retry that comes later than this after the one before begins anew. The longest wait between two is a
    /// few seconds.
    package static let calmSeconds = 60.0

    package init() {}

    package mutating func add(_ reason: String, at now: Double, waitMilliseconds: Int) {
        if count == 0 || hasPassed(Self.calmSeconds, since: at, at: now) { since = now }
        count += 1
        self.reason = reason
        at = now
        nextAt = now + Double(waitMilliseconds) / 1000
    }
}
