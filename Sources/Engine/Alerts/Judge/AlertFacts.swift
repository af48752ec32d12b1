import Records

/// Everything that the alerts are judged by.
package struct AlertFacts: Sendable {
    package var status: MigrationStatus
    /// The alerts as the roles have kept them in the journal, for the times at which they began.
    package var kept: [AlertID: KeptAlert] = [:]
    package var acknowledgements: [Acknowledgement] = []
    /// The newest change at which the apply has stopped, or that is stashed.
    package var newestIncident: Incident?

    package init(_ status: MigrationStatus) { self.status = status }
}

/// The sessions that write on the origin, as the monitors have seen them.
package struct SeenWriters: Sendable, Equatable {
    package var side: Side
    /// Those with an open write transaction.
    package var writers: [OpenWriter]
    /// Those that have written lately, in transactions that are over.
    package var recent: [OpenWriter] = []
    package var readAt: Double

    package var all: [OpenWriter] {
        writers + recent.filter { one in !writers.contains { $0.processID == one.processID } }
    }

    package init(_ writers: [OpenWriter], on side: Side, readAt: Double) {
        self.writers = writers
        self.side = side
        self.readAt = readAt
    }
}

/// An alert as it is kept in the journal, so that its beginning is known after every process has ended.
package struct KeptAlert: Sendable, Codable, Equatable {
    package var alert: AlertID
    package var severity: Severity
    /// Time since which it is so.
    package var since: Double
    /// Whether the event log has it.
    package var isLogged: Bool
    package var sentence: String

    package init(
        _ alert: AlertID, _ severity: Severity, since: Double, isLogged: Bool = false, sentence: String
    ) {
        self.alert = alert
        self.severity = severity
        self.since = since
        self.isLogged = isLogged
        self.sentence = sentence
    }
}
