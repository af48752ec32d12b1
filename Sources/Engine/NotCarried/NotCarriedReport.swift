import Foundation
import Records

/// The file `reports/not-carried.json`: everything that the migration does not carry, by kind.
package enum NotCarriedReport {
    package static let file = "reports/not-carried.json"

    /// One kind of object in the report.
    private struct Entry: Encodable {
        let kind: String
        let count: Int
        let names: [String]
        let missing: String
        let remedy: String
    }

    /// The file's text.
    package static func json(_ findings: [NotCarried]) throws -> String {
        try JSONText.text(
            of: findings.map {
                Entry(
                    kind: $0.kind.rawValue, count: $0.count, names: $0.names, missing: $0.missing,
                    remedy: $0.remedy)
            })
    }

    /// Writes the file into an export directory, which has a folder for reports.
    package static func write(_ findings: [NotCarried], exportDirectory: String) throws {
        try (try json(findings) + "\n").write(
            toFile: exportDirectory + "/" + file, atomically: true, encoding: .utf8)
    }
}
