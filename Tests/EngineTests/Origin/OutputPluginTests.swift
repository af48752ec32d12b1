import Demo
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    @Suite(.serialized) struct OutputPluginTests {
        @Test
        func
            `a plugin that the server does not list fails the check, and the statement that it names allows it`()
            async throws
        {
            let cluster = try Servers.cluster(.source)
            let server = try PostgresConnection(cluster.access(), applicationName: "test")
            let before = try server.outputPlugins()
            guard before != .unlimited else { return }
            // Best effort: the cluster is removed after the tests.
            defer {
                _ = try? server.execute("alter system reset output_plugin_libraries")
                _ = try? server.execute("select pg_reload_conf()")
                _ = try? server.execute("drop role reader")
            }
            #expect(ReplicationChecks.outputPlugin(.source, "pgoutput", before).map(\.state) == [.ok])
            let refused = try #require(ReplicationChecks.outputPlugin(.target, "yboutput", before).first)
            #expect(refused.state == .failure)
            for statement in refused.remedy.split(separator: ";") { try server.execute(String(statement)) }
            try await eventually("the configuration is read again") {
                let now = try PostgresConnection(cluster.access(), applicationName: "test").outputPlugins()
                return ReplicationChecks.outputPlugin(.target, "yboutput", now).map(\.state) == [.ok]
                    && ReplicationChecks.outputPlugin(.source, "pgoutput", now).map(\.state) == [.ok]
            }
            // A role that may not read the list gets a warning, unless servers allow the plugin by default.
            try server.execute("create role reader login")
            let hidden = try PostgresConnection(
                cluster.access(user: "reader"), applicationName: "test"
            ).outputPlugins()
            #expect(hidden == .unreadable)
            #expect(ReplicationChecks.outputPlugin(.source, "pgoutput", hidden) == [])
            #expect(ReplicationChecks.outputPlugin(.target, "yboutput", hidden).map(\.state) == [.warning])
        }

        @Test func `a slot whose plugin the server does not allow is refused with the remedy`() throws {
            let cluster = try Servers.cluster(.source)
            let server = try PostgresConnection(cluster.access(), applicationName: "test")
            guard try server.outputPlugins() != .unlimited else { return }
            let stream = try ReplicationStream(cluster.access(), applicationName: "test")
            do {
                _ = try stream.createSlot("never", plugin: "yboutput", temporary: true) {}
                Issue.record("the server allows every plugin")
            } catch {
                #expect(
                    "\(error)".contains("add yboutput to the names that `show output_plugin_libraries` lists")
                )
            }
        }
    }
}
