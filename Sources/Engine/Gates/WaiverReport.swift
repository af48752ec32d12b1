import Foundation
import Records

/// The gates that the operator waived: for which cutover, who, when and why. Every report shows them.
package struct WaiverReport: Sendable, Equatable {
    /// One waiver. The property names are the keys of the JSON.
    package struct Entry: Sendable, Equatable, Encodable {
        package let cutover_to: String
        package let cutover_status: String
        package let gate: String
        package let reason: String
        package let by: String?
        package let at: String?

        /// `cutover to target: gate indexes was waived by ada at 2026-01-31T10:00:00.000000Z: built at night`
        package var line: String {
            let status = cutover_status == CutoverStatus.Word.aborted.rawValue ? " (aborted)" : ""
            return "cutover to \(cutover_to)\(status): gate \(gate) was waived"
                + (by.map { " by \($0)" } ?? "")
                + (at.map { " at \($0)" } ?? "") + ": \(reason)"
        }
    }

    /// The file with the waivers, below the export directory.
    package static let file = "reports/waivers.json"

    package let entries: [Entry]

    /// - Parameter cutovers: all attempts, the oldest first
    package init(_ cutovers: [CutoverStatus]) {
        entries = cutovers.flatMap { cutover in
            cutover.waivers.map {
                Entry(
                    cutover_to: cutover.to.rawValue, cutover_status: cutover.word.rawValue,
                    gate: $0.gate.rawValue, reason: $0.reason, by: $0.by,
                    at: $0.at.map(UTCTime.standard))
            }
        }
    }

    package var lines: [String] { entries.map(\.line) }

    package func json() throws -> String { try JSONText.text(of: entries) }

    /// Writes the file into an export directory with a folder for reports. Writes none without a waiver.
    package func write(exportDirectory: String) throws {
        guard !entries.isEmpty else { return }
        try (try json() + "\n").write(
            toFile: exportDirectory + "/" + Self.file, atomically: true, encoding: .utf8)
    }
}
