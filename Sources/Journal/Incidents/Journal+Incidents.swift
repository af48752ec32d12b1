import Foundation
import GRDB
import Records

/// A change that could not be applied, as stored. It contains the values of its key and no others.
package struct StoredIncident: Sendable, Equatable {
    package let leg: Int
    /// The transaction's commit LSN.
    package let commitLSN: LogPosition
    /// The change's number among those of its transaction, from 1 on.
    package let change: Int
    package let table: QualifiedName
    package let operation: String
    package let keyJSON: String
    package let sqlState: String
    package let constraint: String?
    package let reason: String
    package let at: Double
    package let handling: String

    package init(
        leg: Int, commitLSN: LogPosition, change: Int, table: QualifiedName, operation: String,
        keyJSON: String,
        sqlState: String, constraint: String?, reason: String, at: Double, handling: String
    ) {
        self.leg = leg
        self.commitLSN = commitLSN
        self.change = change
        self.table = table
        self.operation = operation
        self.keyJSON = keyJSON
        self.sqlState = sqlState
        self.constraint = constraint
        self.reason = reason
        self.at = at
        self.handling = handling
    }
}

/// The number of incidents of one table and leg that were handled in one way.
package struct StoredIncidentCount: Sendable, Equatable {
    package let leg: Int
    package let table: QualifiedName
    package let handling: String
    package let count: Int64

    package init(leg: Int, table: QualifiedName, handling: String, count: Int64) {
        self.leg = leg
        self.table = table
        self.handling = handling
        self.count = count
    }
}

extension Journal {
    /// Keeps incidents. A known one keeps its time and gets the new handling and reason.
    ///
    /// - Parameter errorFileBytes: the length of the leg's error file with them, kept in the same transaction
    package func keepIncidents(_ incidents: [StoredIncident], errorFileBytes: (leg: Int, bytes: Int)? = nil)
        throws
    {
        try write("keep incidents") { database in
            for incident in incidents {
                try database.execute(
                    sql: """
                        insert into incident (leg, commit_lsn, change_no, table_name, operation, key_json,
                            sql_state, constraint_name, reason, at, handling)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        on conflict do update set reason = excluded.reason, sql_state = excluded.sql_state,
                            constraint_name = excluded.constraint_name, handling = excluded.handling
                        """,
                    arguments: [
                        incident.leg, Int64(bitPattern: incident.commitLSN.number), incident.change,
                        incident.table.description, incident.operation, incident.keyJSON, incident.sqlState,
                        incident.constraint, incident.reason, incident.at, incident.handling,
                    ])
            }
            guard let (leg, bytes) = errorFileBytes else { return }
            try database.execute(
                sql: """
                    insert into error_file (leg, bytes) values (?, ?)
                    on conflict do update set bytes = excluded.bytes
                    """, arguments: [leg, bytes])
        }
    }

    /// Changes the handling of a leg's incidents up to a position from one word to another.
    package func incidentsHandled(leg: Int, through lsn: LogPosition, from: String, to: String) throws {
        try write("note incidents as \(to)") { database in
            try database.execute(
                sql: """
                    update incident set handling = ?
                     where leg = ? and commit_lsn <= ? and handling = ?
                    """, arguments: [to, leg, Int64(bitPattern: lsn.number), from])
        }
    }

    /// Returns the first position of a leg with an incident that was handled like this; nil if there is none.
    package func firstIncident(leg: Int, handling: String) throws -> LogPosition? {
        try read("read the incidents of a leg") { database in
            try Int64.fetchOne(
                database, sql: "select min(commit_lsn) from incident where leg = ? and handling = ?",
                arguments: [leg, handling])
        }.map { LogPosition(number: UInt64(bitPattern: $0)) }
    }

    /// Returns the newest incidents, newest first.
    package func incidents(limit: Int) throws -> [StoredIncident] {
        try read("read the incidents") { database in
            try Row.fetchAll(
                database,
                sql: "select * from incident order by leg desc, commit_lsn desc, change_no desc limit ?",
                arguments: [limit]
            ).map(Self.storedIncident)
        }
    }

    /// Returns the newest incident that was handled like this; nil if there is none.
    package func newestIncident(handling: String) throws -> StoredIncident? {
        try read("read the newest incident") { database in
            try Row.fetchOne(
                database,
                sql: """
                    select * from incident where handling = ?
                     order by leg desc, commit_lsn desc, change_no desc limit 1
                    """,
                arguments: [handling]
            ).map(Self.storedIncident)
        }
    }

    package func incidentCounts() throws -> [StoredIncidentCount] {
        try read("count the incidents") { database in
            try Row.fetchAll(
                database,
                sql: """
                    select leg, table_name, handling, count(*) as number from incident
                     group by leg, table_name, handling order by leg, table_name, handling
                    """
            ).map {
                StoredIncidentCount(
                    leg: $0["leg"], table: QualifiedName(parsing: $0["table_name"]), handling: $0["handling"],
                    count: $0["number"])
            }
        }
    }

    /// Returns the length of a leg's error file up to which the journal has its incidents.
    package func errorFileBytes(leg: Int) throws -> Int {
        try read("read the length of the error file") { database in
            try Int.fetchOne(database, sql: "select bytes from error_file where leg = ?", arguments: [leg])
                ?? 0
        }
    }

    /// Returns the incidents of a leg from a position on that were handled like this, as `[LSN, number]`.
    package func knownIncidents(leg: Int, from lsn: LogPosition, handling: String) throws -> Set<[UInt64]> {
        try read("read the incidents of a leg") { database in
            Set(
                try Row.fetchAll(
                    database,
                    sql: """
                        select commit_lsn, change_no from incident
                         where leg = ? and commit_lsn >= ? and handling = ?
                        """, arguments: [leg, Int64(bitPattern: lsn.number), handling]
                ).map { row in
                    [UInt64(bitPattern: row["commit_lsn"] as Int64), UInt64(row["change_no"] as Int64)]
                })
        }
    }

    private static func storedIncident(_ row: Row) -> StoredIncident {
        StoredIncident(
            leg: row["leg"], commitLSN: LogPosition(number: UInt64(bitPattern: row["commit_lsn"] as Int64)),
            change: row["change_no"], table: QualifiedName(parsing: row["table_name"]),
            operation: row["operation"],
            keyJSON: row["key_json"], sqlState: row["sql_state"], constraint: row["constraint_name"],
            reason: row["reason"], at: row["at"], handling: row["handling"])
    }
}
