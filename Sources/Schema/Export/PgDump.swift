import Foundation
import Postgres
import Records

/// A pg_dump that is installed on this machine.
package struct PgDump: Equatable, Sendable {
    package let path: String
    /// Its version as it prints it: `15.4`.
    package let version: String
    package let major: Int

    package init(path: String, version: String) {
        self.path = path
        self.version = version
        major = Int(version.prefix { $0.isNumber }) ?? 0
    }

    /// Returns the newest one. Throws if it is older than the server, because pg_dump refuses a newer server.
    package static func choose(from found: [PgDump], serverMajor: Int) throws(SchemaError) -> PgDump {
        guard let newest = found.max(by: { $0.major < $1.major }) else {
            throw .pgDumpMissing(serverMajor: serverMajor)
        }
        guard newest.major >= serverMajor else {
            throw .pgDumpTooOld(newest: newest.version, serverMajor: serverMajor)
        }
        return newest
    }

    /// Returns every pg_dump of the packages' directories and of PATH that prints its version.
    package static func installed() -> [PgDump] {
        var directories = ["/usr/lib/postgresql", "/usr/local/lib/postgresql"].flatMap { root in
            // A directory that does not exist has no pg_dump; nothing is lost by the error.
            ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).map { "\(root)/\($0)/bin" }
        }
        directories += (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(
            String.init)
        var found: [PgDump] = []
        for directory in directories {
            let path = directory + "/pg_dump"
            guard !found.contains(where: { $0.path == path }),
                FileManager.default.isExecutableFile(atPath: path),
                let version = version(of: path)
            else { continue }
            found.append(PgDump(path: path, version: version))
        }
        return found
    }

    /// Returns `15.4` for `pg_dump (PostgreSQL) 15.4 (Debian 15.4-1)`; nil if the program does not run, which
    /// is reason enough not to use it.
    private static func version(of path: String) -> String? {
        guard let outcome = try? ChildProcess.run(path, ["--version"], environment: [:]), outcome.status == 0
        else { return nil }
        return version(in: outcome.output)
    }

    static func version(in answer: String) -> String? {
        answer.split { $0 == " " || $0 == "\n" }.dropFirst(2).first.map(String.init)
    }

    /// Dumps the definitions of the schemas, all of them if the list is empty, into a file. The child gets
    /// the connection parameters and the password through its environment, never through its arguments.
    func dumpSchema(access: DatabaseAccess, schemas: [String], to path: String) throws(SchemaError) {
        var arguments = [
            "--schema-only", "--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions",
            "--no-security-labels", "--no-tablespaces", "--no-password", "--encoding=UTF8",
            // While pg_dump waits for a lock, other sessions wait behind it.
            "--lock-wait-timeout=60000", "--file=" + path,
        ]
        // pg_dump takes a quoted name without wildcards (manual, pg_dump, "--schema").
        arguments += schemas.map { "--schema=" + quoteIdentifier($0) }
        if schemas.isEmpty {
            // The migration's own metadata.
            arguments.append("--exclude-schema=ybvoyager_metadata")
        } else if major >= 14 {
            arguments.append("--extension=*")
        }
        let outcome: ChildProcess.Outcome
        do {
            outcome = try ChildProcess.run(self.path, arguments, environment: Self.environment(access))
        } catch {
            throw .pgDumpFailed(place: access.parameters.place, reason: error.localizedDescription)
        }
        guard outcome.status == 0 else {
            let reason = Self.reason(in: outcome.output)
            if reason.contains("permission denied") {
                throw .notPermitted(place: access.parameters.place, reason: reason)
            }
            throw .pgDumpFailed(place: access.parameters.place, reason: reason)
        }
    }

    /// Returns the first error of pg_dump or the server, without the query that it quotes.
    static func reason(in errors: String) -> String {
        let lines = errors.split(separator: "\n").map(String.init)
        let complaint =
            lines.first { $0.contains("ERROR:") } ?? lines.first { $0.contains("error:") } ?? lines.last
            ?? "no reason given"
        for mark in ["ERROR:", "error:"] {
            if let found = complaint.range(of: mark) {
                return complaint[found.upperBound...].trimmingCharacters(in: .whitespaces)
            }
        }
        return complaint
    }

    /// Returns libpq's variables for one server (manual chapter "Environment Variables").
    static func environment(_ access: DatabaseAccess) -> [String: String] {
        let place = access.parameters
        let pairs = [
            ("PGHOST", place.host), ("PGPORT", String(place.port)), ("PGDATABASE", place.database),
            ("PGUSER", place.user), ("PGPASSWORD", access.password ?? ""), ("PGSSLMODE", place.sslMode),
            ("PGSSLCERT", place.sslCert), ("PGSSLKEY", place.sslKey), ("PGSSLROOTCERT", place.sslRootCert),
            ("PGSSLCRL", place.sslCRL), ("PGAPPNAME", "switchback export schema"),
            ("PGCONNECT_TIMEOUT", "10"),
            ("LC_ALL", "C"),
        ]
        return Dictionary(uniqueKeysWithValues: pairs.filter { !$0.1.isEmpty })
    }
}
