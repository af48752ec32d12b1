import Foundation
import Glibc

/// Where PostgreSQL's server programs are, and as whom they run: a server refuses to run as root.
package struct ServerPrograms: Sendable {
    /// The account the servers run under where this process is root.
    struct Account: Sendable {
        let name: String
        let userID: uid_t
        let groupID: gid_t
    }

    /// The oldest server with all that is used here.
    private static let oldestVersion = 13

    package let directory: String
    let account: Account?

    /// Looks in `SWITCHBACK_PGBIN`, then where Debian keeps its versions (the newest first), then in `PATH`.
    package init() throws {
        let environment = ProcessInfo.processInfo.environment
        let debian = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? [])
            .compactMap { Int($0) }.filter { $0 >= Self.oldestVersion }.sorted(by: >)
        let candidates =
            [environment["SWITCHBACK_PGBIN"]].compactMap { $0 }
            + versions.map { "\(debian)/\($0)/bin" }
            + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let found = candidates.first { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") }
        guard let found else {
            throw DemoError.programMissing(
                "initdb",
                remedy:
                    "install the package postgresql (make packages), or name its folder in SWITCHBACK_PGBIN")
        }
        directory = found
        account = geteuid() == 0 ? try Self.serverAccount() : nil
    }

    /// The words that run a server program, as the right user.
    func command(_ program: String, _ arguments: [String]) -> [String] {
        asServerUser([directory + "/" + program] + arguments)
    }

    func asServerUser(_ command: [String]) -> [String] {
        guard let account else { return command }
        // By its path: the administrators' folder is not on everybody's search path.
        return ["/usr/sbin/runuser", "-u", account.name, "--"] + command
    }

    /// Gives a file of this process to the servers' user.
    func giveToServer(_ path: String) throws {
        guard let account else { return }
        guard unsafe chown(path, account.userID, account.groupID) == 0 else {
            throw DemoError.directoryUnusable(path, reason: "it cannot be given to \(account.name)")
        }
    }

    private static func serverAccount() throws -> Account {
        // The entry is read at once, before another call could reuse it.
        guard let entry = unsafe getpwnam("postgres") else {
            throw DemoError.programMissing(
                "the user postgres",
                remedy: "install the package postgresql (make packages), or run as an ordinary user")
        }
        return unsafe Account(name: "postgres", userID: entry.pointee.pw_uid, groupID: entry.pointee.pw_gid)
    }
}
