import Foundation

/// The kernel lock that gives a role to one process. The kernel releases it when the process ends, so it is
/// never stale.
final class RoleLock: Sendable {
    private let file: HeldFile

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
    init(file name: String, in exportDirectory: String, work: String) throws {
        let path = "\(exportDirectory)/\(name)"
        do { file = try HeldFile(path) } catch {
            switch error {
            case .unwritable(let reason):
                throw RequestRefused(
                    "cannot open \(path): \(reason); see that the export directory may be written")
            case .held:
                let holder = Self.holder(path)
                throw RequestRefused(
                    "the \(work) of this migration is taken"
                        + (holder.map { " by process \($0)" } ?? "")
                        + "; stop that one, or watch it with `switchback`")
            }
        }
        file.write(Data("\(getpid())\n".utf8))
    }

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
    static func holder(_ path: String) -> Int32? {
        guard let data = HeldFile.read(path) else { return nil }
        return Int32(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
