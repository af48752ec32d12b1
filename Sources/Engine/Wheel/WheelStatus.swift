/// A console that is open on a migration, and who sits at it.
package struct ConsoleIdentity: Sendable, Codable, Equatable {
    /// Identifies the console for as long as it is open.
    package var token: String
    package var user: String
    package var host: String
    /// The terminal, such as `pts/3`.
    package var terminal: String
    package var processID: Int32
    /// Time since which it is open, in seconds since 1970.
    package var since: Double

    package init(
        token: String, user: String, host: String, terminal: String, processID: Int32, since: Double
    ) {
        self.token = token
        self.user = user
        self.host = host
        self.terminal = terminal
        self.processID = processID
        self.since = since
    }

    /// `ada@host at pts/3, process 4711`
    package var words: String { "\(user)@\(host) at \(terminal), process \(processID)" }
}

/// The console that has the wheel, as the record has it.
package struct WheelHolder: Sendable, Codable, Equatable {
    package var token: String
    /// Seconds since 1970.
    package var takenAt: Double

    package init(token: String, takenAt: Double) {
        self.token = token
        self.takenAt = takenAt
    }
}

/// Who steers a migration: of the consoles that are open, the one that has the wheel may send requests, and
/// the others watch. A verb may always send its request.
package struct WheelStatus: Sendable, Equatable {
    /// A request of a verb.
    package struct VerbRequest: Sendable, Equatable {
        /// `user@host verb`
        package var by: String
        package var title: String
        /// Seconds since 1970.
        package var at: Double

        package init(by: String, title: String, at: Double) {
            self.by = by
            self.title = title
            self.at = at
        }
    }

    /// The console that has the wheel; nil if it is free.
    package var holder: ConsoleIdentity?
    /// Time since which it has the wheel.
    package var takenAt: Double?
    /// Whether the console that reads this has it.
    package var isMine = false
    /// All consoles that are open, in the order in which they were opened.
    package var consoles: [ConsoleIdentity] = []
    /// The newest request that came from a verb; nil if there was none.
    package var lastVerb: VerbRequest?

    package init(
        holder: ConsoleIdentity? = nil, takenAt: Double? = nil, isMine: Bool = false,
        consoles: [ConsoleIdentity] = [], lastVerb: VerbRequest? = nil
    ) {
        self.holder = holder
        self.takenAt = takenAt
        self.isMine = isMine
        self.consoles = consoles
        self.lastVerb = lastVerb
    }

    /// Why this console may not send a request; nil if it may.
    package var refusal: String? {
        guard let holder, !isMine else { return nil }
        return "\(holder.words) has the wheel; take the wheel first"
    }
}
