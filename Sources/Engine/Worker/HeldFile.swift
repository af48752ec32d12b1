import Foundation

/// A file that one process holds with a kernel lock, and whose content others read meanwhile. The kernel
/// releases the lock when the process ends, so a content that nobody holds is left over, and is not read.
final class HeldFile: Sendable {
    /// The reason why a file cannot be held.
    enum Failure: Error {
        /// Another holder has it.
        case held
        case unwritable(reason: String)
    }

    private let descriptor: Int32

    /// A reader takes a shared lock for a moment. Attempts to take the lock, and the pause between two.
    private static let attemptsMax = 10
    private static let pauseMicroseconds: UInt32 = 2000
    /// Attempts to read a content that is being written.
    private static let readsMax = 3

    init(_ path: String) throws(Failure) {
        // The path lives through the call.
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            // The message is copied before another call can change it.
            throw .unwritable(reason: unsafe String(cString: strerror(errno)))
        }
        var attempts = 1
        while flock(opened, LOCK_EX | LOCK_NB) != 0 {
            guard attempts < Self.attemptsMax else {
                close(opened)
                throw .held
            }
            attempts += 1
            usleep(Self.pauseMicroseconds)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Replaces the content. Nothing depends on it: if the write fails, the old content stays or none is
    /// shown.
    func write(_ content: Data) {
        // The bytes live through the call. A file without bytes has none at an address.
        _ = unsafe content.withUnsafeBytes { bytes in
            unsafe bytes.baseAddress.map { unsafe pwrite(descriptor, $0, bytes.count, 0) }
        }
        _ = ftruncate(descriptor, content.count)
    }

    /// The content of a file that is held now; nil if nobody holds it.
    static func read(_ path: String) -> Data? {
        guard isHeld(path) else { return nil }
        return FileManager.default.contents(atPath: path)
    }

    /// The value in a file that is held now; nil if nobody holds it, or it cannot be read.
    static func value<Value: Decodable>(_ type: Value.Type, from path: String) -> Value? {
        for _ in 0..<readsMax {
            guard let data = read(path), !data.isEmpty else { return nil }
            // A content that is just being written is read again; one of another version is not understood.
            if let value = try? JSONDecoder().decode(type, from: data) { return value }
        }
        return nil
    }

    private static func isHeld(_ path: String) -> Bool {
        // The path lives through the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A shared lock is refused only while somebody has the exclusive one.
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }
}
