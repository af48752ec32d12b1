import Foundation
import Glibc

/// PostgreSQL's server programs, and the user that they run as: a server refuses to run as root.
package struct ServerPrograms: Sendable {
    /// The user that the servers run as if this process is root.
    struct Account: Sendable {
        let name: String
        let userID: uid_t
        let groupID: gid_t
    }

    /// The oldest version with everything that is used here.
    private static let oldestVersion = 13

    package let directory: String
    let account: Account?

    /// Searches `SWITCHBACK_PGBIN`, then Debian's directories (the newest version first), then `PATH`. If a
    /// version is given, it also searches the directory of `make servers`, which has versions that Debian
    /// does not have.
    ///
    /// - Parameter major: the wanted version; nil for the first that is found.
    package init(major: Int? = nil) throws {
        let found = Self.candidates(major: major).first { directory in
            FileManager.default.isExecutableFile(atPath: directory + "/initdb")
                && (major == nil || Self.major(of: directory) == major)
        }
        guard let found else {
            throw DemoError.programMissing(
                "initdb" + (major.map { " of PostgreSQL \($0)" } ?? ""),
                remedy:
                    "install the package postgresql (make packages), or name its folder in SWITCHBACK_PGBIN"
                    + (major == nil ? "" : "; make servers fetches those of later versions"))
        }
        directory = found
        account = geteuid() == 0 ? try Self.serverAccount() : nil
    }

    /// Whether servers of all these versions are installed.
    package static func has(_ majors: Int...) -> Bool {
        majors.allSatisfy { major in
            candidates(major: major).contains { Self.major(of: $0) == major }
        }
    }

    private static func candidates(major: Int?) -> [String] {
        let environment = ProcessInfo.processInfo.environment
        let debian = "/usr/lib/postgresql"
        // Without that directory Debian's packages are not installed.
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? [])
            .compactMap { Int($0) }.filter { $0 >= Self.oldestVersion }.sorted(by: >)
        // If the servers' user cannot enter the checkout, a link there points to a directory that it can
        // enter.
        let fetched = major.map {
            URL(fileURLWithPath: ".build/servers/\($0)/bin").resolvingSymlinksInPath().path
        }
        return [environment["SWITCHBACK_PGBIN"]].compactMap { $0 }
            + versions.map { "\(debian)/\($0)/bin" }
            + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
            + [fetched].compactMap { $0 }
    }

    /// Returns 17 for `initdb (PostgreSQL) 17.10`; nil if there is no such program.
    private static func major(of directory: String) -> Int? {
        guard FileManager.default.isExecutableFile(atPath: directory + "/initdb"),
            // A program that does not run counts as missing.
            let said = try? runCommand([directory + "/initdb", "--version"], in: NSTemporaryDirectory())
        else { return nil }
        return said.split { $0 == " " || $0 == "\n" }.dropFirst(2).first.flatMap {
            Int($0.prefix { $0.isNumber })
        }
    }

    /// Returns the server's own name of its version: `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`.
    package func version() throws -> String {
        try runCommand([directory + "/postgres", "--version"], in: NSTemporaryDirectory())
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Returns the parameters of this server's configuration file (server manual, `postgres
    /// --describe-config`).
    func parameterNames() throws -> Set<String> {
        let listed = try runCommand(
            [directory + "/postgres", "--describe-config"], in: NSTemporaryDirectory())
        return Set(
            listed.split(separator: "\n").compactMap { $0.split(separator: "\t").first.map(String.init) })
    }

    /// Returns the command line that runs a server program as the right user.
    func command(_ program: String, _ arguments: [String]) -> [String] {
        asServerUser([directory + "/" + program] + arguments)
    }

    func asServerUser(_ command: [String]) -> [String] {
        guard let account else { return command }
        // By its full path, because not every PATH has /usr/sbin.
        return ["/usr/sbin/runuser", "-u", account.name, "--"] + command
    }

    /// Makes the servers' user the owner of a file.
    func giveToServer(_ path: String) throws {
        guard let account else { return }
        guard unsafe chown(path, account.userID, account.groupID) == 0 else {
            throw DemoError.directoryUnusable(path, reason: "it cannot be given to \(account.name)")
        }
    }

    private static func serverAccount() throws -> Account {
        // Sound: the entry is read before another call could reuse it.
        guard let entry = unsafe getpwnam("postgres") else {
            throw DemoError.programMissing(
                "the user postgres",
                remedy: "install the package postgresql (make packages), or run as an ordinary user")
        }
        return unsafe Account(name: "postgres", userID: entry.pointee.pw_uid, groupID: entry.pointee.pw_gid)
    }
}
