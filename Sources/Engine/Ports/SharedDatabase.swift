import Records

/// A database that sessions of others use, too.
package protocol SharedDatabase: Sendable {
    /// Cancels the statement of a session, or ends the session, if it is still the one that was seen. Check
    /// and end are one step. It does not wait until the session has ended, and never ends one of ours.
    func end(_ session: SessionEnd) throws -> SessionEnd.Outcome
}

/// A session of somebody else that is to be ended, as it was seen.
package struct SessionEnd: Sendable, Codable, Equatable {
    /// How much of it is ended.
    package enum Mode: String, Sendable, Codable, CaseIterable {
        /// The statement that it runs. A transaction that waits for its client stays open.
        case cancel
        /// The session, and its transaction is rolled back.
        case terminate
    }

    /// What came of it.
    package enum Outcome: Sendable, Equatable {
        case done
        /// The session has ended; another one may have its process ID.
        case gone
    }

    package var side: Side
    package var processID: Int
    /// Time at which it began, as `OpenWriter.sessionStart` has it.
    package var startedAt: String
    package var mode: Mode
    /// The session as messages name it: `session 4711 (shop, psql)`.
    package var words: String

    package init(side: Side, processID: Int, startedAt: String, mode: Mode, words: String) {
        self.side = side
        self.processID = processID
        self.startedAt = startedAt
        self.mode = mode
        self.words = words
    }

    /// The end of a writer that was seen; nil for a prepared transaction, and if its start is not known.
    package init?(_ writer: OpenWriter, on side: Side, mode: Mode) {
        guard let processID = Int(writer.processID), processID > 0, let startedAt = writer.sessionStart else {
            return nil
        }
        self.init(
            side: side, processID: processID, startedAt: startedAt, mode: mode, words: writer.words)
    }

    /// What was done, in words.
    package var result: String {
        switch mode {
        case .cancel: "the statement of \(words) on the \(side.rawValue) was cancelled"
        case .terminate: "\(words) on the \(side.rawValue) was ended"
        }
    }

    /// Why it cannot be ended, by what was seen of the origin; nil if it can.
    func refusal(_ seen: SeenWriters?) -> String? {
        guard let seen, seen.side == side else {
            return
                "the sessions on the \(side.rawValue) were not read lately; they are read while the export "
                + "from it runs"
        }
        let isSeen = seen.all.contains {
            $0.processID == String(processID) && $0.sessionStart == startedAt
        }
        return isSeen ? nil : "\(words) no longer writes to a migrated table"
    }
}
