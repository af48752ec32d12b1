import Foundation
import Glibc
import Journal
import Records
import Synchronization

/// The files in which the roles publish what they read for the gates. They may be lost at any time: the gates
/// are unknown then.
enum GateFiles {
    static func server(_ role: Role) -> String { "/metainfo/gates.\(role.rawValue).json" }
    static func catalog(_ role: Role) -> String { "/metainfo/catalog.\(role.rawValue).json" }
    /// The statements that the coming requests would run.
    static func plan(_ role: Role) -> String { "/metainfo/plan.\(role.rawValue).json" }

    /// Writes a reading under another name and renames the file, so that a reader never sees half of it. If
    /// the write fails, the reading before grows too old.
    static func write(_ reading: some Encodable, to path: String) {
        let data: Data
        do { data = try JSONEncoder().encode(reading) } catch { return }
        StatusFile.write(data, to: path)
    }

    /// Key of the document with the time at which somebody last asked for new readings.
    private static let askedKey = "gates_asked"

    static func askedAt(_ journal: Journal) throws -> Double? {
        try journal.document(Double.self, key: askedKey)
    }

    /// Asks the roles to read everything again now.
    static func ask(_ journal: Journal, at now: Double) throws {
        try journal.update(Double.self, key: askedKey, initial: now) { $0 = now }
    }
}

/// Reads the files of the gates. What was decoded is kept until its file changes: a catalog may be large, and
/// a console reads it several times a second.
final class GateFileReader: Sendable {
    private struct Kept: Sendable {
        let version: FileVersion
        let value: any Sendable
    }

    private struct FileVersion: Equatable {
        let inode: UInt
        let seconds: Int
        let nanoseconds: Int
        let bytes: Int
    }

    private let kept = Mutex<[String: Kept]>([:])

    /// Returns the reading of the file; nil if there is none that this version can read.
    func read<Facts>(_ type: Facts.Type, from path: String) -> GateReading<Facts>? {
        var information = stat()
        // Sound: the structure and the path live through the call.
        guard unsafe stat(path, &information) == 0 else { return nil }
        let version = FileVersion(
            inode: UInt(information.st_ino), seconds: information.st_mtim.tv_sec,
            nanoseconds: information.st_mtim.tv_nsec, bytes: Int(information.st_size))
        if let known = kept.withLock({ $0[path] }), known.version == version {
            return known.value as? GateReading<Facts>
        }
        // A file of another version counts as missing; no data depends on it.
        guard let data = FileManager.default.contents(atPath: path),
            let reading = try? JSONDecoder().decode(GateReading<Facts>.self, from: data)
        else { return nil }
        kept.withLock { $0[path] = Kept(version: version, value: reading) }
        return reading
    }
}
