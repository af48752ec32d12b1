import Foundation
import Journal
import Postgres
import Records

/// Keeps the incidents of one leg: those that stop the apply in the journal, those set aside in the destination first and
/// then, carried over, in the journal and the error file. It belongs to the apply role.
final class IncidentLedger {
    private let context: RoleContext
    let leg: Leg
    private let uuid: String
    /// Where the apply stands still for incidents the journal knows; nil where it does for none.
    private var stoppedAt: LSN?
    private var rulesRead: (at: Double, rules: IncidentRules)?

    /// So many are carried over at a time.
    private static let pageRows = 200
    /// The operator's rules are read again after as long.
    private static let rulesSeconds = 0.2

    init(context: RoleContext, leg: Leg, uuid: String) {
        self.context = context
        self.leg = leg
        self.uuid = uuid
    }

    func rules() throws -> IncidentRules {
        let now = secondsNow()
        if let rulesRead, !hasPassed(Self.rulesSeconds, since: rulesRead.at, at: now) {
            return rulesRead.rules
        }
        let rules = try context.record().incidentRules
        rulesRead = (now, rules)
        return rules
    }

    // MARK: Stops

    /// Keeps the incident that stops the apply; one that is known already is kept once.
    func keepStop(_ incident: Incident) throws {
        try context.journal.keepIncidents([try incident.stored()])
        stoppedAt = nil
    }

    /// What the operator reads when the apply stops.
    func stop(for failure: ChangeFailure, after stashed: Int) throws -> ApplyIncident {
        let rules = try rules()
        let words = failure.wordsForIncident
        let reason =
            rules.policy == .stash
            ? "\(words), and \(stashed) changes were stashed already, which is the bound" : words
        return ApplyIncident(tables: failure.tables, commitLSN: failure.commitLSN, reason: reason)
    }

    /// The apply has passed `lsn`: what stood still before it was mended.
    func passed(_ lsn: LSN) throws {
        if stoppedAt == nil { stoppedAt = try firstStop() ?? LSN(bytes: .max) }
        guard let stoppedAt, stoppedAt <= lsn else { return }
        try context.journal.incidentsHandled(
            leg: leg.number, through: lsn, from: Incident.Handling.stopped.rawValue,
            to: Incident.Handling.mended.rawValue)
        self.stoppedAt = nil
    }

    /// The same while changes stream: where it cannot be noted it is noted again by the next start, and the apply goes on.
    func notePassed(_ lsn: LSN) {
        do { try passed(lsn) } catch {
            context.log(.warning, "apply", "the end of an incident could not be noted: \(error)")
        }
    }

    private func firstStop() throws -> LSN? {
        try context.journal.firstIncident(leg: leg.number, handling: Incident.Handling.stopped.rawValue)
    }

    // MARK: Set aside

    /// Carries what was set aside in the destination to the error file and the journal; may be done again after a crash
    /// anywhere. The destination's row stays, marked.
    func carryOver(_ connection: borrowing PostgresConnection) throws {
        var tables: [QualifiedName: Int] = [:]
        while true {
            let rows = try connection.stashedChanges(migration: uuid, leg: leg.number, limit: Self.pageRows)
            guard let first = rows.first else { break }
            let known = try context.journal.knownIncidents(
                leg: leg.number, from: first.commitLSN, handling: Incident.Handling.stashed.rawValue)
            let fresh = try rows.filter { !known.contains([$0.commitLSN.bytes, UInt64($0.change)]) }.map {
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
            try connection.markCarried(migration: uuid, leg: leg.number, rows)
        }
        guard !tables.isEmpty else { return }
        let words = tables.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }.joined(
            separator: ", ")
        context.log(
            .warning, "apply",
            "changes were stashed and not applied: \(words); each stands with its reason in "
                + ErrorFile(exportDirectory: context.exportDirectory, leg: leg.number).path)
    }
}

/// A line of the error file: the incident, and the change as SQL that may be run when the cause is mended.
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
