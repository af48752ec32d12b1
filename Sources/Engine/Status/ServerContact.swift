import Records

/// The contact of a role with its server, as the role publishes it.
package struct ServerContact: Sendable, Codable, Equatable {
    /// Time of the last answer; nil before the first.
    package private(set) var answeredAt: Double?
    /// Time since which it answers; nil before the first answer, and while it does not answer.
    package private(set) var answersSince: Double?
    /// Time since which it does not answer; nil while it does.
    package private(set) var awaySince: Double?
    /// Time of the last attempt that got no answer.
    package private(set) var triedAt: Double?
    /// The error of the last attempt; empty while it answers.
    package private(set) var reason = ""

    package init() {}

    /// Takes note of an answer.
    package mutating func answered(at now: Double) {
        answeredAt = now
        if answersSince == nil { answersSince = now }
        awaySince = nil
        reason = ""
    }

    /// Takes note of an error. Only one that says that the connection is lost means that the server is away.
    package mutating func failed(_ error: any Error, at now: Double) {
        guard condition(of: error) == .connectionLost else { return }
        answersSince = nil
        awaySince = awaySince ?? now
        triedAt = now
        reason = "\(error)"
    }
}

/// The health of one server: whether it answers, by what the roles met last. A value without I/O.
package struct ServerHealth: Sendable, Equatable {
    /// Whether it answers.
    package enum State: String, Sendable, Codable {
        case answers
        case away
        /// Nobody has asked it lately.
        case unknown
    }

    package var state: State
    /// Time since which it is in this state; nil if that is not known.
    package var since: Double?
    /// Time of the last answer; nil if none is known.
    package var lastAnsweredAt: Double?
    /// The error of the last attempt; empty if it answers.
    package var reason: String

    package init(
        _ state: State = .unknown, since: Double? = nil, lastAnsweredAt: Double? = nil, reason: String = ""
    ) {
        self.state = state
        self.since = since
        self.lastAnsweredAt = lastAnsweredAt
        self.reason = reason
    }

    package var isAway: Bool { state == .away }

    /// What a monitor beside the stream has read of a server.
    package struct Reading: Sendable, Equatable {
        package var readAt: Double
        package var isAway: Bool
        package var awaySince: Double?
        package var reason: String

        package init(readAt: Double, isAway: Bool, awaySince: Double? = nil, reason: String = "") {
            self.readAt = readAt
            self.isAway = isAway
            self.awaySince = awaySince
            self.reason = reason
        }
    }

    /// Judges the newest of what is known.
    ///
    /// - Parameters:
    ///   - contact: what the server's role has published; nil if that is not recent
    ///   - reading: what the monitor for the gates has read; nil if that is not recent
    ///   - before: what the role has published last, recent or not. An answer in it overrules an older
    ///     reading, so that a role that was stopped after the server came back does not bring the fault back
    package init(_ contact: ServerContact?, _ reading: Reading?, before: ServerContact? = nil) {
        let overruledAt = before?.answeredAt ?? 0
        let reading = reading.flatMap { $0.isAway && $0.readAt < overruledAt ? nil : $0 }
        let answeredAt = [
            contact?.answeredAt, reading.flatMap { $0.isAway ? nil : $0.readAt },
        ].compactMap(\.self).max()
        let awayAt = [
            contact.flatMap { $0.awaySince == nil ? nil : $0.triedAt },
            reading.flatMap { $0.isAway ? $0.readAt : nil },
        ].compactMap(\.self).max()
        switch (answeredAt, awayAt) {
        case (_, let awayAt?) where awayAt >= answeredAt ?? 0:
            let isFromContact = contact?.triedAt == awayAt
            self.init(
                .away, since: [contact?.awaySince, reading?.awaySince].compactMap(\.self).min() ?? awayAt,
                lastAnsweredAt: answeredAt,
                reason: (isFromContact ? contact?.reason : reading?.reason) ?? "")
        case (let answeredAt?, _):
            self.init(.answers, since: contact?.answersSince, lastAnsweredAt: answeredAt)
        case (nil, _): self.init()
        }
    }
}
