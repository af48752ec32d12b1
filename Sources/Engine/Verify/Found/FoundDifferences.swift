import Foundation
import Records

/// The differences that the newest pass of the worker's verification has found, with the values of both sides
/// and the statements that mend them. They are in a file of their own that only its owner may read, because
/// they have values of rows.
package struct FoundDifferences: Sendable, Codable, Equatable {
    package var leg: Int
    package var pass: Int
    package var direction: Direction
    package var differences: [RowDifference]

    package init(leg: Int, pass: Int, direction: Direction, differences: [RowDifference]) {
        self.leg = leg
        self.pass = pass
        self.direction = direction
        self.differences = differences
    }

    /// The statements that mend the destination.
    package var repairs: [String] { differences.flatMap(\.repair) }

    static func path(_ exportDirectory: String) -> String {
        "\(exportDirectory)/metainfo/differences.json"
    }

    static func read(_ exportDirectory: String) -> FoundDifferences? {
        guard let data = FileManager.default.contents(atPath: path(exportDirectory)) else { return nil }
        // A file of another version counts as missing: the next pass writes it anew.
        return try? JSONDecoder().decode(FoundDifferences.self, from: data)
    }

    /// Writes the file under another name and renames it. If that fails, the differences are shown without
    /// values until they change.
    func write(_ exportDirectory: String) {
        let data: Data
        do { data = try JSONEncoder().encode(self) } catch { return }
        StatusFile.write(data, to: Self.path(exportDirectory), mode: 0o600)
    }
}

extension Migration {
    /// The differences that the worker's verification has found in the leg under way; nil if it has not
    /// begun.
    package func foundDifferences() throws -> FoundDifferences? {
        let leg = try record().currentLeg?.number
        return FoundDifferences.read(exportDirectory).flatMap { $0.leg == leg ? $0 : nil }
    }
}
