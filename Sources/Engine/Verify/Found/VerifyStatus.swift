import Foundation
import Records

/// What a verifying process has published in `metainfo/status.verify.json`. It may be lost at any time.
package struct VerifyStatus: Sendable, Codable, Equatable {
    /// A pass that has ended.
    package struct Pass: Sendable, Codable, Equatable {
        package var startedAt: Double
        package var endedAt: Double
        package var rows: Int64
        package var differences: Int64
        package var outcome: VerifyReport.Outcome
        /// The sequences that are behind.
        package var sequences: [SequenceDifference]

        package init(
            startedAt: Double, endedAt: Double, rows: Int64, differences: Int64,
            outcome: VerifyReport.Outcome, sequences: [SequenceDifference] = []
        ) {
            self.sequences = sequences
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.rows = rows
            self.differences = differences
            self.outcome = outcome
        }

        init(_ report: VerifyReport) {
            self.init(
                startedAt: report.startedAt, endedAt: report.endedAt, rows: report.rows,
                differences: report.tables.map(\.differences).reduce(0, +), outcome: report.outcome,
                sequences: report.sequences ?? [])
        }
    }

    package var processID: Int32
    package var leg: Int
    package var direction: Direction
    /// Number of the pass, from 1 on.
    package var pass = 1
    package var startedAt: Double
    package var publishedAt: Double
    /// Rows of the origin that this pass has read.
    package var rows: Int64 = 0
    /// Rows of the origin that this pass will read, as the statistics estimate them.
    package var rowsEstimate: Int64 = 0
    /// Rows per second lately; nil before it is known.
    package var rowsPerSecond: Double?
    /// The tables of this pass, the last of which is being read.
    package var tables: [VerifyReport.Entry] = []
    package var lastPass: Pass?
    /// The tables of the last pass.
    package var lastTables: [VerifyReport.Entry] = []
    /// Why nothing is read now; nil while it is.
    package var waitsFor: String?

    package init(processID: Int32, leg: Int, direction: Direction, startedAt: Double) {
        self.processID = processID
        self.leg = leg
        self.direction = direction
        self.startedAt = startedAt
        publishedAt = startedAt
    }

    /// Time that the rest of the pass takes at this rate; nil if it is not known.
    package var secondsLeft: Double? {
        guard waitsFor == nil, let rowsPerSecond, rowsPerSecond > 0, rowsEstimate > 0 else { return nil }
        return Double(max(0, rowsEstimate - rows)) / rowsPerSecond
    }

    static func path(_ exportDirectory: String) -> String {
        "\(exportDirectory)/metainfo/status.verify.json"
    }

    static func read(_ exportDirectory: String) -> VerifyStatus? {
        guard let data = FileManager.default.contents(atPath: path(exportDirectory)) else { return nil }
        // A file of another version counts as missing; no data depends on it.
        return try? JSONDecoder().decode(VerifyStatus.self, from: data)
    }

    /// What was found of a table: by this pass if it has ended there or has found a difference, else by the
    /// last one.
    func entry(of table: QualifiedName) -> VerifyReport.Entry? {
        let present = tables.first { $0.table == table }
        if let present, present.endedAt > 0 || present.differences > 0 { return present }
        return lastTables.first { $0.table == table } ?? present
    }
}

/// Publishes the status of a verification, a few times a second at most.
final class VerifyStatusWriter {
    private let path: String
    private var status: VerifyStatus
    private var rate: RateMeter

    private static let intervalSeconds = 0.5
    private static let rateSeconds = 10

    /// - Parameter leg: what an earlier process has published of its last pass counts if it is of this leg
    init(_ exportDirectory: String, _ leg: Leg, now: Double) {
        path = VerifyStatus.path(exportDirectory)
        status = VerifyStatus(
            processID: getpid(), leg: leg.number, direction: leg.direction, startedAt: now)
        if let earlier = VerifyStatus.read(exportDirectory), earlier.leg == leg.number {
            (status.lastPass, status.lastTables) = (earlier.lastPass, earlier.lastTables)
        }
        rate = RateMeter(startedAt: now)
    }

    func begin(pass: Int, startedAt: Double? = nil) {
        status.pass = pass
        status.startedAt = startedAt ?? secondsNow()
        status.waitsFor = nil
        rate = RateMeter(startedAt: secondsNow())
        publish(secondsNow())
    }

    /// Takes the number of rows that the pass will read.
    func begin(rows: Int64) { status.rowsEstimate = rows }

    func note(_ report: VerifyReport) {
        let now = secondsNow()
        rate.add(max(0, report.rows - status.rows), at: now)
        status.rows = report.rows
        status.waitsFor = nil
        status.tables = report.tables
        if report.endedAt > 0 {
            status.lastPass = VerifyStatus.Pass(report)
            status.lastTables = report.tables
        }
        guard now - status.publishedAt >= Self.intervalSeconds || report.endedAt > 0 else { return }
        status.rowsPerSecond = rate.rate(overSeconds: Self.rateSeconds, at: now)
        publish(now)
    }

    /// Takes why nothing is read now.
    func wait(for reason: String) {
        let now = secondsNow()
        guard reason != status.waitsFor || now - status.publishedAt >= Self.intervalSeconds else { return }
        status.waitsFor = reason
        status.rowsPerSecond = nil
        publish(now)
    }

    private func publish(_ now: Double) {
        status.publishedAt = now
        let data: Data
        do { data = try JSONEncoder().encode(status) } catch { return }
        StatusFile.write(data, to: path)
    }
}

extension Migration {
    /// The status of the verification, as it was published last; nil if there was none.
    package func verifyStatus() -> VerifyStatus? { VerifyStatus.read(exportDirectory) }
}
