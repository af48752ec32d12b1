import Foundation

/// The kernel lock that gives a role to one process. The kernel releases it when the process ends, so it is
/// never stale.
final class RoleLock: Sendable {
    private let descriptor: Int32

    private static let pollMilliseconds = 50

    /// The file of the lock that keeps the verification to one process.
    static let verifyFile = ".verify.lock"

    /// Takes the lock. Throws, with the process id of its holder, if another process has it.
    convenience init(exportDirectory: String, role: Role) throws {
        try self.init(file: ".\(role.rawValue).lock", in: exportDirectory, work: "\(role.rawValue) role")
    }

    /// Takes the lock of a file in the export directory.
    ///
    /// - Parameter work: what the lock is for, after "the"
    init(file: String, in exportDirectory: String, work: String) throws {
        let path = "\(exportDirectory)/\(file)"
        // The path lives through the call.
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            // The message is copied before another call can change it.
            let reason = unsafe String(cString: strerror(errno))
            throw RequestRefused(
                "cannot open \(path): \(reason); see that the export directory may be written")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.holder(path)
            close(descriptor)
            throw RequestRefused(
                "the \(work) of this migration is taken"
                    + (holder.map { " by process \($0)" } ?? "")
                    + "; stop that one, or watch it with `switchback`")
        }
        let text = "\(getpid())\n"
        _ = ftruncate(descriptor, 0)
        // The text is not empty and lives through the call.
        unsafe _ = text.withCString { unsafe pwrite(descriptor, $0, strlen($0), 0) }
    }

    deinit { close(descriptor) }

    /// Takes the lock, and waits until its holder releases it. After `waitSecondsMax`, or a stop, throws as
    /// `init` does.
    static func acquire(
        _ exportDirectory: String, _ role: Role, waitSecondsMax: Double, stop: StopSignal
    ) async throws -> RoleLock {
        let until = monotonicSeconds() + waitSecondsMax
        while true {
            do { return try RoleLock(exportDirectory: exportDirectory, role: role) } catch {
                guard monotonicSeconds() < until, !stop.isRequested else { throw error }
                try await Task.sleep(for: .milliseconds(pollMilliseconds))
            }
        }
    }

    static func path(_ exportDirectory: String, _ role: Role) -> String {
        "\(exportDirectory)/.\(role.rawValue).lock"
    }

    /// The process that has the role now; nil if none has it.
    static func holder(_ exportDirectory: String, _ role: Role) -> Int32? {
        holder(path(exportDirectory, role))
    }

    /// The process that has the lock of a file now; nil if none has it.
    private static func holder(_ path: String) -> Int32? {
        // The path lives through the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // A shared lock is refused only while a process has the exclusive one.
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return nil }
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return Int32(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
