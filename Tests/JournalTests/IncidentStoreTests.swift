import Foundation
import Journal
import Records
import Testing

@Suite struct IncidentStoreTests {
    private func incident(_ lsn: UInt64, _ change: Int, _ handling: String, leg: Int = 1) -> StoredIncident {
        StoredIncident(
            leg: leg, commitLSN: LogPosition(number: lsn), change: change, table: "public.t",
            operation: "update",
            keyJSON: "[]", sqlState: "23505", constraint: "t_pkey", reason: "duplicate", at: Double(lsn),
            handling: handling)
    }

    @Test func `an incident is kept once by its leg, position and number, with its last handling`() throws {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        for handling in ["stopped", "stopped", "set aside"] {
            try journal.keepIncidents([incident(5, 1, handling), incident(5, 2, "stopped")])
        }
        try journal.keepIncidents([incident(5, 1, "stopped", leg: 2)])
        #expect(try journal.incidents(limit: 10).map(\.change) == [1, 2, 1])
        #expect(
            try journal.incidentCounts() == [
                StoredIncidentCount(leg: 1, table: "public.t", handling: "set aside", count: 1),
                StoredIncidentCount(leg: 1, table: "public.t", handling: "stopped", count: 1),
                StoredIncidentCount(leg: 2, table: "public.t", handling: "stopped", count: 1),
            ])
        #expect(try journal.firstIncident(leg: 1, handling: "stopped") == LogPosition(number: 5))
        try journal.incidentsHandled(leg: 1, through: LogPosition(number: 5), from: "stopped", to: "mended")
        #expect(try journal.firstIncident(leg: 1, handling: "stopped") == nil)
        #expect(try journal.firstIncident(leg: 2, handling: "stopped") == LogPosition(number: 5))
        #expect(try journal.knownIncidents(leg: 1, from: .zero, handling: "mended") == [[5, 2]])
    }

    @Test func `the error file is written from the length the journal knows, whatever follows it`()
        throws
    {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        let file = ErrorFile(exportDirectory: directory.path, leg: 1)
        func text() throws -> String { try String(contentsOfFile: file.path, encoding: .utf8) }
        func append(_ lines: [String], keep: Bool) throws {
            let bytes = try file.append(lines, after: try journal.errorFileBytes(leg: 1))
            if keep { try journal.keepIncidents([], errorFileBytes: (1, bytes)) }
        }
        try append(["one", "two"], keep: true)
        try append(["three", "half of a long li"], keep: false)
        try append(["three", "four"], keep: true)
        #expect(try text() == "one\ntwo\nthree\nfour\n")
        try FileManager.default.removeItem(atPath: file.path)
        try append(["five"], keep: true)
        #expect(try text() == "five\n")
        try append(["six"], keep: true)
        #expect(try text() == "five\nsix\n")
    }
}
