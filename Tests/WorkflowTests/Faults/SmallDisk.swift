import Foundation
import Glibc

/// A file system of a few MiB in memory, mounted on a directory, for tests that fill it.
final class SmallDisk: Sendable {
    private let directory: String

    /// Whether this process may mount one.
    static let isAllowed: Bool = {
        let path = NSTemporaryDirectory() + "switchback-disk-" + UUID().uuidString
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            // Sound: the C string lives for the call.
            defer { unsafe _ = rmdir(path) }
            guard let disk = try SmallDisk(at: path, mebibytes: 1) else { return false }
            disk.remove()
            return true
        } catch { return false }
    }()

    /// Nil if this process may not mount one.
    init?(at directory: String, mebibytes: Int) throws {
        self.directory = directory
        // Sound: the C strings live for the call.
        let mounted = unsafe "size=\(mebibytes)m".withCString { options in
            unsafe mount("switchback-test", directory, "tmpfs", 0, options)
        }
        guard mounted == 0 else { return nil }
    }

    func grow(mebibytes: Int) throws {
        let grown = unsafe "size=\(mebibytes)m".withCString { options in
            unsafe mount("switchback-test", directory, "tmpfs", UInt(MS_REMOUNT), options)
        }
        guard grown == 0 else { throw WaitedTooLong(description: "the disk at \(directory) does not grow") }
    }

    func freeMebibytes() throws -> Int {
        let facts = try FileManager.default.attributesOfFileSystem(forPath: directory)
        return (facts[.systemFreeSize] as? Int ?? 0) >> 20
    }

    /// Unmounts it lazily, because a process of the test may still use it; it is gone when the last one has
    /// ended.
    func remove() { unsafe _ = umount2(directory, Int32(MNT_DETACH)) }
}
