import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Demo
@testable import Engine
@testable import PostgresPorts

/// PgBouncer before a server, on loopback, as the servers' user; it ends with this object, or with this
/// process.
private final class Pooler {
    static let program = "/usr/sbin/pgbouncer"
    let port = freeLoopbackPort()
    private let directory: String
    private let watchdog: Watchdog

    init(before cluster: ThrowAwayCluster, mode: String, ignored: String) async throws {
        let programs = try ServerPrograms()
        directory = try makeScratchDirectory(prefix: "switchback-pooler-", programs: programs)
        try programs.giveToServer(directory)
        let configuration = """
            [databases]
            * = host=127.0.0.1 port=\(cluster.port) user=postgres
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            logfile = \(directory)/log
            pool_mode = \(mode)
            ignore_startup_parameters = \(ignored)
            pidfile = \(directory)/pid
            """
        try configuration.write(toFile: directory + "/ini", atomically: false, encoding: .utf8)
        watchdog = try Watchdog(script: Self.end, arguments: [directory])
        _ = try runCommand(programs.asServerUser([Self.program, "-d", directory + "/ini"]), in: directory)
        let access = cluster.access()
        let port = port
        try await eventually("the pooler answers") {
            do {
                _ = try PostgresConnection(Self.through(port, access), applicationName: "test", settings: nil)
                return true
            } catch { return false }
        }
    }

    private static let end = """
        kill -QUIT $(cat "$1/pid" 2>/dev/null) 2>/dev/null; rm -rf "$1"
        """

    deinit {
        if let text = try? String(contentsOfFile: directory + "/pid", encoding: .utf8),
            let id = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
        {
            _ = kill(id, SIGTERM)
        }
        watchdog.disarm()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func access(_ access: DatabaseAccess) -> DatabaseAccess { Self.through(port, access) }

    private static func through(_ port: Int, _ access: DatabaseAccess) -> DatabaseAccess {
        var parameters = access.parameters
        parameters.host = "127.0.0.1"
        parameters.port = port
        parameters.sslMode = "disable"
        return DatabaseAccess(parameters: parameters, password: access.password)
    }
}

private let hasPooler =
    FileManager.default.isExecutableFile(atPath: Pooler.program)
    || ProcessInfo.processInfo.environment["SWITCHBACK_STRICT"] != nil

extension ServerSuites {
    @Suite(.serialized, .enabled(if: hasPooler, "there is no PgBouncer: install the package pgbouncer"))
    struct PoolerTests {
        @Test(arguments: ["session", "transaction", "statement"], ["", "options, extra_float_digits"])
        func `a pooler is refused by name in each of its modes, and no setting reaches its other clients`(
            mode: String, ignored: String
        ) async throws {
            let cluster = try Servers.cluster(.source)
            let pooler = try await Pooler(before: cluster, mode: mode, ignored: ignored)
            let access = pooler.access(cluster.access())
            for settings in [SessionSettings.reading, .writingUnderOwnSettings, .schemaImport] {
                do {
                    _ = try PostgresConnection(access, applicationName: "test", settings: settings)
                    Issue.record("the pooler passes for a server")
                } catch {
                    #expect(error.kind == .pooler && error.condition == .final)
                    #expect("\(error)".contains("give the host and port of the server itself"))
                }
            }
            do {
                _ = try ReplicationStream(access, applicationName: "test")
                Issue.record("the pooler passes for a server")
            } catch { #expect(error.kind == .pooler) }
            let other = try PostgresConnection(access, applicationName: "other", settings: nil)
            let seen = try other.query(
                "select current_setting('switchback.session', true), "
                    + "current_setting('session_replication_role'), "
                    + "current_setting('search_path'), current_setting('extra_float_digits')")
            #expect(seen.rows == [[nil, "origin", "\"$user\", public", "1"]])
        }

        @Test func `a migration whose target is behind a pooler does not begin, and says why`() async throws {
            let pooler = try await Pooler(
                before: try Servers.cluster(.target), mode: "transaction",
                ignored: "options, extra_float_digits")
            try await withSite("") { site in
                site.targetPort = pooler.port
                try site.keepForms()
                let context = RoleContext(
                    journal: site.migration.journal, exportDirectory: site.directory,
                    options: RunOptions(target: try site.access(.target)), stop: StopSignal(),
                    announce: { _ in })
                let checks = try DatabaseChecks.run(.target, context, forFallBack: false)
                #expect(checks.map(\.state) == [.failure])
                #expect(checks.first?.found.contains("a connection pooler is in front of the server") == true)
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                try await eventually("the reason is said") {
                    try site.trouble().contains("a connection pooler is in front of the server")
                }
            }
        }
    }
}
