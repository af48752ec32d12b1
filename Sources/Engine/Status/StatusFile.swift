import Foundation
import Records

/// What a role publishes: its status, and the counts of the changes by table.
struct PublishedStatus<Status: Codable & Sendable>: Codable, Sendable {
    var status: Status
    var tables: [String: ChangeCounts]
}

/// The file a role publishes to. It may be lost at any time; nothing is ever recovered from it.
enum StatusFile {
    static func path(_ exportDirectory: String, capture: Bool) -> String {
        "\(exportDirectory)/metainfo/status.\(capture ? "capture" : "apply").json"
    }

    static func write<Status>(_ value: PublishedStatus<Status>, to path: String) {
        do {
            // Atomic: written beside it and renamed, so a reader never sees half of it.
            try JSONEncoder().encode(value).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            // A status that cannot be written is shown as growing old; the data goes on.
        }
    }

    static func read<Status>(_ type: Status.Type, from path: String) -> PublishedStatus<Status>? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        // A file of another version is the same as none.
        return try? JSONDecoder().decode(PublishedStatus<Status>.self, from: data)
    }
}
