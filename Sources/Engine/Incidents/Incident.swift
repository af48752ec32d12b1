import Foundation
import Journal
import Records

/// A change that met no row, or several, or that the destination refused.
///
/// Leg, commit LSN and number within the transaction identify it. It contains the values of the row's key, by
/// which the operator finds the row, and no others. It is kept in the journal and shown, and never written to
/// a log file.
package struct Incident: Sendable, Codable, Equatable, Identifiable {
    /// The kind of change that could not be applied.
    package enum Operation: String, Sendable, Codable {
        case insert
        case update
        case delete
    }

    /// The handling of a change with an incident.
    package enum Handling: String, Sendable, Codable, CustomStringConvertible {
        /// The apply stopped before it.
        case stopped
        /// It stopped the apply, and was applied after the operator had mended the cause.
        case mended
        /// It was kept in the error file and passed over. The raw value is that of earlier versions.
        case stashed = "set aside"

        package var description: String {
            switch self {
            case .stopped: "stopped"
            case .mended: "mended"
            case .stashed: "stashed"
            }
        }
    }

    /// A key column with its value.
    package struct KeyColumn: Sendable, Codable, Equatable {
        package let column: Identifier
        /// The value's text, at most `keyTextMax` characters of it; nil for NULL.
        package let value: String?

        package init(column: Identifier, value: String?) {
            self.column = column
            self.value = value.map {
                $0.count > Incident.keyTextMax ? $0.prefix(Incident.keyTextMax) + "…" : $0
            }
        }
    }

    package static let keyTextMax = 200

    package let leg: Int
    package let direction: Direction
    package let table: QualifiedName
    package let operation: Operation
    package let key: [KeyColumn]
    package let commitLSN: LogPosition
    /// The change's number among those of its transaction, from 1 on.
    package let change: Int
    package let sqlState: String
    package let constraint: Identifier?
    package let reason: String
    /// Seconds since 1970.
    package let at: Double
    package var handling: Handling

    package init(
        leg: Int, direction: Direction, table: QualifiedName, operation: Operation, key: [KeyColumn],
        commitLSN: LogPosition,
        change: Int, sqlState: String, constraint: Identifier?, reason: String, at: Double, handling: Handling
    ) {
        self.leg = leg
        self.direction = direction
        self.table = table
        self.operation = operation
        self.key = key
        self.commitLSN = commitLSN
        self.change = change
        self.sqlState = sqlState
        self.constraint = constraint
        self.reason = reason
        self.at = at
        self.handling = handling
    }

    package var id: String { "\(leg)/\(commitLSN)/\(change)" }

    /// The key as in `id=7, part=NULL`; empty if the table has no key.
    package var keyText: String {
        key.map { "\($0.column)=\($0.value ?? "NULL")" }.joined(separator: ", ")
    }
}

extension Incident {
    /// Returns the incident as the journal stores it.
    func stored() throws -> StoredIncident {
        StoredIncident(
            leg: leg, commitLSN: commitLSN, change: change, table: table, operation: operation.rawValue,
            keyJSON: String(decoding: try JSONEncoder().encode(key), as: UTF8.self), sqlState: sqlState,
            constraint: constraint?.text, reason: reason, at: at, handling: handling.rawValue)
    }

    init(_ stored: StoredIncident, direction: Direction) throws {
        self.init(
            leg: stored.leg, direction: direction, table: stored.table,
            operation: Operation(rawValue: stored.operation) ?? .update,
            key: try JSONDecoder().decode([KeyColumn].self, from: Data(stored.keyJSON.utf8)),
            commitLSN: stored.commitLSN, change: stored.change, sqlState: stored.sqlState,
            constraint: stored.constraint.map { Identifier($0) }, reason: stored.reason, at: stored.at,
            handling: Handling(rawValue: stored.handling) ?? .stopped)
    }
}

/// The numbers of a table's incidents in one direction.
package struct IncidentCounts: Sendable, Equatable {
    package var stashed: Int64
    /// Incidents at which the apply has stopped now.
    package var stopped: Int64
    package var mended: Int64

    package static let zero = IncidentCounts(stashed: 0, stopped: 0, mended: 0)

    package init(stashed: Int64 = 0, stopped: Int64 = 0, mended: Int64 = 0) {
        self.stashed = stashed
        self.stopped = stopped
        self.mended = mended
    }

    package mutating func add(_ count: Int64, _ handling: Incident.Handling) {
        switch handling {
        case .stashed: stashed += count
        case .stopped: stopped += count
        case .mended: mended += count
        }
    }
}
