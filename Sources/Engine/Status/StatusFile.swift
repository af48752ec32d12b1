import Dispatch
import Foundation
import Glibc
import Journal
import Records
import Synchronization

/// The content of a status file: a role's status, and the counts of its changes by table.
struct PublishedStatus<Status: Codable & Sendable>: Codable, Sendable {
    var status: Status
    var tables: [QualifiedName: ChangeCounts]
    /// Changes per second now, by table; a table without any has no entry. Nil if the role does not measure
    /// them, and in files of earlier versions.
    var rates: [QualifiedName: Double]?
}

/// The file in which a role publishes its status. It may be lost at any time: nothing is recovered from it.
enum StatusFile {
    static func path(_ exportDirectory: String, _ role: Role) -> String {
        "\(exportDirectory)/metainfo/status.\(role.rawValue).json"
    }

    /// Writes the status under another name and renames the file, so that a reader never sees half of it.
    /// There is no fsync, as Foundation's own writing has: it would delay commits several times a second. If
    /// the write fails, the status is shown as stale, and the data moves on.
    static func write<Status>(_ value: PublishedStatus<Status>, to path: String) {
        let data: Data
        do { data = try JSONEncoder().encode(value) } catch { return }
        write(data, to: path)
    }

    /// Writes a file whose loss harms nobody; see above.
    static func write(_ data: Data, to path: String, mode: mode_t = 0o666) {
        let new = path + ".new"
        // The path lives through the call.
        let descriptor = unsafe open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { return }
        // The bytes live through the call.
        let isWritten = unsafe data.withUnsafeBytes { unsafe writeAll($0, to: descriptor) }
        close(descriptor)
        // The paths live through the call.
        if isWritten { _ = unsafe rename(new, path) }
    }

    static func read<Status>(_ type: Status.Type, from path: String) -> PublishedStatus<Status>? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        // A file of another version counts as missing; no data depends on it.
        return try? JSONDecoder().decode(PublishedStatus<Status>.self, from: data)
    }
}

/// Writes a role's status on a thread of its own, so that no change waits for it. A status that comes while
/// another is written is skipped: the next one is newer.
final class StatusPublisher: Sendable {
    private let path: String
    private let queue = DispatchQueue(label: "status", qos: .utility)
    private let isBusy = Mutex(false)

    init(_ exportDirectory: String, role: Role) {
        path = StatusFile.path(exportDirectory, role)
    }

    /// Writes a status; with `wait`, before the call returns.
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
