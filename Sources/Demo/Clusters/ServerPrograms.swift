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

    /// Looks in `SWITCHBACK_PGBIN`, then where Debian keeps its versions (the newest first), then in `PATH`, and, where a
    /// version is asked for, at last where `make servers` puts those that Debian has not got.
    ///
    /// - Parameter major: the version that is wanted, nil for the first that is found.
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

    /// Whether servers of all these versions can be had.
    package static func has(_ majors: Int...) -> Bool {
        majors.allSatisfy { major in
            candidates(major: major).contains { Self.major(of: $0) == major }
        }
    }

    private static func candidates(major: Int?) -> [String] {
        let environment = ProcessInfo.processInfo.environment
        let debian = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? [])
            .compactMap { Int($0) }.filter { $0 >= Self.oldestVersion }.sorted(by: >)
        // Where the checkout is closed to the servers' user, what lies there points to where it is not.
        let fetched = major.map {
            URL(fileURLWithPath: ".build/servers/\($0)/bin").resolvingSymlinksInPath().path
        }
        return [environment["SWITCHBACK_PGBIN"]].compactMap { $0 }
            + versions.map { "\(debian)/\($0)/bin" }
            + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
            + [fetched].compactMap { $0 }
    }

    /// `initdb (PostgreSQL) 17.10` gives 17; nil where there is no such program.
    private static func major(of directory: String) -> Int? {
        guard FileManager.default.isExecutableFile(atPath: directory + "/initdb"),
            let said = try? runCommand([directory + "/initdb", "--version"], in: NSTemporaryDirectory())
        else { return nil }
        return said.split { $0 == " " || $0 == "\n" }.dropFirst(2).first.flatMap {
            Int($0.prefix { $0.isNumber })
        }
    }

    /// The version as the server itself says it: `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`.
    package func version() throws -> String {
        try runCommand([directory + "/postgres", "--version"], in: NSTemporaryDirectory())
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The parameters that this server's configuration file may hold (server manual, `postgres --describe-config`).
    func parameterNames() throws -> Set<String> {
        let listed = try runCommand(
            [directory + "/postgres", "--describe-config"], in: NSTemporaryDirectory())
        return Set(
            listed.split(separator: "\n").compactMap { $0.split(separator: "\t").first.map(String.init) })
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
