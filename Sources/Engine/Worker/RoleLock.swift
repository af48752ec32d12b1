import Foundation

/// The kernel lock that makes a process the holder of a role. It dies with the process, so there is no stale one.
final class RoleLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; throws with the process id of who has it.
    init(exportDirectory: String, role: Role) throws {
        let path = Self.path(exportDirectory, role)
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw RequestRefused(
                "cannot open \(path): \(unsafe String(cString: strerror(errno))); see that the export directory may be written"
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.holder(exportDirectory, role)
            close(descriptor)
            throw RequestRefused(
                "the \(role.rawValue) role of this migration is taken"
                    + (holder.map { " by process \($0)" } ?? "")
                    + "; stop that one, or watch it with `switchback`")
        }
        let text = "\(getpid())\n"
        _ = ftruncate(descriptor, 0)
        // The text is not empty and lives through the call.
        unsafe _ = text.withCString { unsafe pwrite(descriptor, $0, strlen($0), 0) }
    }

    deinit { close(descriptor) }

    static func path(_ exportDirectory: String, _ role: Role) -> String {
        "\(exportDirectory)/.\(role.rawValue).lock"
    }

    /// The process that has the role now; nil where nobody has.
    static func holder(_ exportDirectory: String, _ role: Role) -> Int32? {
        let path = path(exportDirectory, role)
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // A shared lock is only refused while somebody holds the exclusive one.
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return nil }
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return Int32(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
