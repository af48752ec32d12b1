import Foundation
import Postgres
import Records

/// A pg_dump found on this machine.
package struct PgDump: Equatable, Sendable {
    package let path: String
    /// Its version as it says it: `15.4`.
    package let version: String
    package let major: Int

    package init(path: String, version: String) {
        self.path = path
        self.version = version
        major = Int(version.prefix { $0.isNumber }) ?? 0
    }

    /// The newest of those found, which must not be older than the server: pg_dump refuses a newer one.
    package static func choose(from found: [PgDump], serverMajor: Int) throws(SchemaError) -> PgDump {
        guard let newest = found.max(by: { $0.major < $1.major }) else {
            throw .pgDumpMissing(serverMajor: serverMajor)
        }
        guard newest.major >= serverMajor else {
            throw .pgDumpTooOld(newest: newest.version, serverMajor: serverMajor)
        }
        return newest
    }

    /// Every pg_dump of the packages' directories and of PATH that says its version.
    package static func installed() -> [PgDump] {
        var directories = ["/usr/lib/postgresql", "/usr/local/lib/postgresql"].flatMap { root in
            // A directory that is not there holds no pg_dump.
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

    /// `pg_dump (PostgreSQL) 15.4 (Debian 15.4-1)` gives `15.4`; a program that does not run gives nil.
    private static func version(of path: String) -> String? {
        guard let outcome = try? ChildProcess.run(path, ["--version"], environment: [:]), outcome.status == 0
        else { return nil }
        return version(in: outcome.output)
    }

    static func version(in answer: String) -> String? {
        answer.split { $0 == " " || $0 == "\n" }.dropFirst(2).first.map(String.init)
    }

    /// Dumps the definitions of the schemas, all of them where the list is empty, into a file. The way to
    /// the server, with its password, goes through the child's environment and never through its arguments.
    func dumpSchema(access: DatabaseAccess, schemas: [String], to path: String) throws(SchemaError) {
        var arguments = [
            "--schema-only", "--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions",
            "--no-security-labels", "--no-tablespaces", "--no-password", "--encoding=UTF8",
            // A lock that somebody else holds this long would hold up his own work behind ours as well.
            "--lock-wait-timeout=60000", "--file=" + path,
        ]
        // A quoted name is taken as it is, without wildcards (manual, pg_dump, "--schema").
        arguments += schemas.map { "--schema=" + quoteIdentifier($0) }
        if schemas.isEmpty {
            // The migration's own bookkeeping.
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

    /// The first thing pg_dump or the server complained of, without the query it quotes.
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

    /// libpq's variables for one server (manual chapter "Environment Variables").
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
