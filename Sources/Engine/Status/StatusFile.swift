import Dispatch
import Foundation
import Glibc
import Journal
import Records
import Synchronization

/// What a role publishes: its status, and the counts of the changes by table.
struct PublishedStatus<Status: Codable & Sendable>: Codable, Sendable {
    var status: Status
    var tables: [QualifiedName: ChangeCounts]
}

/// The file a role publishes to. It may be lost at any time; nothing is ever recovered from it.
enum StatusFile {
    static func path(_ exportDirectory: String, _ role: Role) -> String {
        "\(exportDirectory)/metainfo/status.\(role.rawValue).json"
    }

    /// Written beside it and renamed, so that a reader never sees half of it. The disk is not waited for, as Foundation's own
    /// writing does (an fsync each time): several times a second every commit that comes would wait with it.
    /// Where it fails the status is shown as growing old; the data goes on.
    static func write<Status>(_ value: PublishedStatus<Status>, to path: String) {
        let data: Data
        do { data = try JSONEncoder().encode(value) } catch { return }
        let new = path + ".new"
        let descriptor = unsafe open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { return }
        let isWritten = unsafe data.withUnsafeBytes { unsafe writeAll($0, to: descriptor) }
        close(descriptor)
        if isWritten { _ = unsafe rename(new, path) }
    }

    static func read<Status>(_ type: Status.Type, from path: String) -> PublishedStatus<Status>? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        // A file of another version is the same as none.
        return try? JSONDecoder().decode(PublishedStatus<Status>.self, from: data)
    }
}

/// Writes a role's status on a thread of its own, so that no change waits for it. What comes while it is at work is
/// passed over: the next one is newer.
final class StatusPublisher: Sendable {
    private let path: String
    private let queue = DispatchQueue(label: "status", qos: .utility)
    private let isBusy = Mutex(false)

    init(_ exportDirectory: String, role: Role) {
        path = StatusFile.path(exportDirectory, role)
    }

    /// With `wait` it is written when the call returns.
    func publish<Status>(_ value: PublishedStatus<Status>, wait: Bool) {
        if wait { return queue.sync { StatusFile.write(value, to: path) } }
        let wasBusy = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return isBusy
        }
        guard !wasBusy else { return }
        queue.async { [self] in
            StatusFile.write(value, to: path)
            isBusy.withLock { $0 = false }
        }
    }
}
