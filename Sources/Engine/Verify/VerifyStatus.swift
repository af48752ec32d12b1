import Foundation
import Records

/// The status of the verifying role, published in `metainfo/status.verify.json`. It may be lost at any time.
package struct VerifyStatus: Sendable, Codable, Equatable {
    package var processID: Int32
    package var direction: Direction
    /// Number of the pass, from 1 on.
    package var pass = 1
    package var startedAt: Double
    package var publishedAt: Double
    /// Rows of the origin that this pass has read.
    package var rows: Int64 = 0
    /// The tables of this pass, the last of which is being read.
    package var tables: [VerifyReport.Entry] = []

    package init(processID: Int32, direction: Direction, startedAt: Double) {
        self.processID = processID
        self.direction = direction
        self.startedAt = startedAt
        publishedAt = startedAt
    }

    static func path(_ exportDirectory: String) -> String {
        "\(exportDirectory)/metainfo/status.verify.json"
    }
}

/// Publishes the status of a verification, a few times a second at most.
final class VerifyStatusWriter {
    private let path: String
    private var status: VerifyStatus

    private static let intervalSeconds = 0.5

    init(_ exportDirectory: String, _ direction: Direction, now: Double) {
        path = VerifyStatus.path(exportDirectory)
        status = VerifyStatus(processID: getpid(), direction: direction, startedAt: now)
    }

    func begin(pass: Int) {
        status.pass = pass
        status.startedAt = secondsNow()
        publish(secondsNow())
    }

    func note(_ report: VerifyReport) {
        status.rows = report.rows
        status.tables = report.tables
        let now = secondsNow()
        guard now - status.publishedAt >= Self.intervalSeconds || report.endedAt > 0 else { return }
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
    package func verifyStatus() -> VerifyStatus? {
        guard let data = FileManager.default.contents(atPath: VerifyStatus.path(exportDirectory)) else {
            return nil
        }
        // A file of another version counts as missing; no data depends on it.
        return try? JSONDecoder().decode(VerifyStatus.self, from: data)
    }
}
