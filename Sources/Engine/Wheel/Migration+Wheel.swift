import Journal
import Records

/// The wheel of a migration. A console sits down, and then sends requests only while it has the wheel. A
/// verb never sits down.
extension Migration {
    /// Has this process be a console: from now on it sends requests only with the wheel. It takes the wheel
    /// if that is free. It gets up when this value is released, or the process ends.
    ///
    /// - Parameters:
    ///   - user: who sits at the console, and on which host
    ///   - terminal: such as `pts/3`
    package func sitDown(user: String, host: String, terminal: String) throws {
        let seat = try ConsoleSeat(exportDirectory, user: user, host: host, terminal: terminal)
        consoleSeat.withLock { $0 = seat }
        try updateWithEvents { record, transaction in
            if try wheelHolder(record) == nil { try giveWheel(to: seat.console, &record, transaction) }
        }
    }

    /// Takes the wheel from whoever has it. Does nothing if this console has it.
    package func takeWheel() throws {
        guard let seat = consoleSeat.withLock({ $0 }) else {
            throw RequestRefused("only a console has the wheel; a verb needs none")
        }
        try updateWithEvents { record, transaction in
            guard record.wheel?.token != seat.console.token else { return }
            try giveWheel(to: seat.console, &record, transaction)
        }
    }

    /// Throws if this process is a console without the wheel. A console takes a free wheel.
    func steer(_ record: inout MigrationRecord, _ transaction: JournalTransaction) throws {
        guard let seat = consoleSeat.withLock({ $0 }), record.wheel?.token != seat.console.token else {
            return
        }
        if let holder = try wheelHolder(record) {
            throw RequestRefused("\(holder.words) has the wheel; take the wheel first")
        }
        try giveWheel(to: seat.console, &record, transaction)
    }

    /// Throws if this process is a console without the wheel.
    func steer() throws {
        guard consoleSeat.withLock({ $0 != nil }) else { return }
        try updateWithEvents { record, transaction in try steer(&record, transaction) }
    }

    func wheelStatus(_ record: MigrationRecord) throws -> WheelStatus {
        let consoles = ConsoleSeat.consoles(exportDirectory)
        let holder = consoles.first { $0.token == record.wheel?.token }
        let mine = consoleSeat.withLock { $0?.console.token }
        return WheelStatus(
            holder: holder, takenAt: holder == nil ? nil : record.wheel?.takenAt,
            isMine: holder != nil && holder?.token == mine, consoles: consoles,
            lastVerb: try journal.newestRequest(notBy: Self.consoleSuffix).map {
                WheelStatus.VerbRequest(by: $0.askedBy, title: $0.title, at: $0.askedAt)
            })
    }

    /// The end of a console's name in the audit log.
    private static var consoleSuffix: String { " console" }

    /// The open console that has the wheel.
    private func wheelHolder(_ record: MigrationRecord) throws -> ConsoleIdentity? {
        record.wheel.flatMap { ConsoleSeat.console(exportDirectory, $0.token) }
    }

    private func giveWheel(
        to console: ConsoleIdentity, _ record: inout MigrationRecord, _ transaction: JournalTransaction
    ) throws {
        let before = try wheelHolder(record)
        record.wheel = WheelHolder(token: console.token, takenAt: secondsNow())
        try transaction.log(
            .info, "operator",
            "\(console.words) takes the wheel" + (before.map { " from \($0.words)" } ?? ""))
    }
}
