import Foundation
import Journal
import Records

/// The ledger of one leg's incidents. Those that stop the apply are kept in the journal. Stashed ones are
/// kept in the destination first, and are then carried over to the journal and the error file. The apply role
/// has one.
package final class IncidentLedger {
    private let context: RoleContext
    package let leg: Leg
    /// The first LSN at which the apply has stopped for an incident, `.max` without one; nil if the journal
    /// is to be read.
    private var stoppedAt: LogPosition?
    private var rulesRead: (at: Double, rules: IncidentRules)?

    /// Incidents that are carried over at a time.
    private static let pageRows = 200
    /// The operator's rules are read again after this long.
    private static let rulesSeconds = 0.2

    package init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
    }

    /// Returns the operator's rules as they were a moment ago.
    package func rules() throws -> IncidentRules {
        let now = secondsNow()
        if let rulesRead, !hasPassed(Self.rulesSeconds, since: rulesRead.at, at: now) {
            return rulesRead.rules
        }
        let rules = try context.record().incidentRules
        rulesRead = (now, rules)
        return rules
    }

    // MARK: Stops

    /// Keeps an incident that stops the apply; a known one is not kept twice.
    package func keepStop(_ incident: Incident) throws {
        try context.journal.keepIncidents([try incident.stored()])
        stoppedAt = nil
    }

    /// Returns the error with which the apply stops at a change.
    ///
    /// - Parameters:
    ///   - tables: see `ApplyIncident.tables`
    ///   - reason: the reason as the journal records it
    ///   - stashed: how many changes of the leg are stashed
    package func stop(
        at commitLSN: LogPosition, of tables: [QualifiedName], reason: String, after stashed: Int
    ) throws -> ApplyIncident {
        let words =
            try rules().policy == .stash
            ? "\(reason), and \(stashed) changes were stashed already, which is the bound" : reason
        return ApplyIncident(tables: tables, commitLSN: commitLSN, reason: words)
    }

    /// Takes note that the apply has passed `lsn`: the causes of earlier stops were mended.
    func passed(_ lsn: LogPosition) throws {
        if stoppedAt == nil { stoppedAt = try firstStop() ?? LogPosition.last }
        guard let stoppedAt, stoppedAt <= lsn else { return }
        try context.journal.incidentsHandled(
            leg: leg.number, through: lsn, from: Incident.Handling.stopped.rawValue,
            to: Incident.Handling.mended.rawValue)
        self.stoppedAt = nil
    }

    /// Calls `passed` while changes stream. If that fails, the next start does it again, and the apply
    /// continues.
    func notePassed(_ lsn: LogPosition) {
        do { try passed(lsn) } catch {
            context.log(.warning, "apply", "the end of an incident could not be noted: \(error)")
        }
    }

    private func firstStop() throws -> LogPosition? {
        try context.journal.firstIncident(leg: leg.number, handling: Incident.Handling.stopped.rawValue)
    }

    // MARK: Stashed changes

    /// Carries stashed changes from the destination to the error file and the journal. It can be repeated
    /// after a crash at any point. The destination's row stays, marked.
    package func carryOver(_ stashed: any StashedChanges) throws {
        var tables: [QualifiedName: Int] = [:]
        while true {
            let rows = try stashed.stashedChanges(limit: Self.pageRows)
            guard let first = rows.first else { break }
            let known = try context.journal.knownIncidents(
                leg: leg.number, from: first.commitLSN, handling: Incident.Handling.stashed.rawValue)
            let fresh = try rows.filter { !known.contains([$0.commitLSN.number, UInt64($0.number)]) }.map {
                ($0, try JSONDecoder().decode(Incident.self, from: Data($0.incidentJSON.utf8)))
            }
            if !fresh.isEmpty {
                let bytes = try ErrorFile(exportDirectory: context.exportDirectory, leg: leg.number).append(
                    fresh.map { try ErrorLine(incident: $0.1, sql: $0.0.statementSQL).text() },
                    after: try context.journal.errorFileBytes(leg: leg.number))
                try context.journal.keepIncidents(
                    try fresh.map { try $0.1.stored() }, errorFileBytes: (leg.number, bytes))
                for (_, incident) in fresh { tables[incident.table, default: 0] += 1 }
            }
            try stashed.markCarried(rows)
        }
        guard !tables.isEmpty else { return }
        let words = tables.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }.joined(
            separator: ", ")
        context.log(
            .warning, "apply",
            "changes were stashed and not applied: \(words); each is listed with its reason in "
                + ErrorFile(exportDirectory: context.exportDirectory, leg: leg.number).path)
    }
}

/// A line of the error file: the incident, and the change as SQL to run after the cause is mended.
struct ErrorLine: Codable, Equatable {
    let commitLSN: String
    let change: Int
    let direction: String
    let table: String
    let operation: String
    let key: [Identifier: String?]
    let sqlState: String
    let constraint: Identifier?
    let reason: String
    let at: Double
    let sql: String

    init(incident: Incident, sql: String) {
        commitLSN = incident.commitLSN.description
        change = incident.change
        direction = incident.direction.rawValue
        table = incident.table.description
        operation = incident.operation.rawValue
        key = Dictionary(incident.key.map { ($0.column, $0.value) }, uniquingKeysWith: { first, _ in first })
        sqlState = incident.sqlState
        constraint = incident.constraint
        reason = incident.reason
        at = incident.at
        self.sql = sql
    }

    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
