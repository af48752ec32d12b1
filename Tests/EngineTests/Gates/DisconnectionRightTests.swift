import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// The right to end the sessions from before the fence, as the gate reads it and as the fence uses it.
    @Suite(.serialized) struct DisconnectionRightTests {
        private func connect(_ site: Site, as role: String, _ name: String) throws -> PostgresConnection {
            try PostgresConnection(
                DatabaseAccess(
                    parameters: ConnectionParameters(
                        host: "127.0.0.1", port: try site.cluster(.source).port, database: site.name,
                        user: role, sslMode: "disable"), password: nil), applicationName: name)
        }

        private func rights(_ site: Site, _ connection: borrowing PostgresConnection) throws
            -> [ServerReadings.Right]
        {
            try GateRights(
                record: try site.migration.record(),
                question: GateQuestion(
                    place: .origin, tables: [QualifiedName(schema: "public", name: "t")], fallBack: nil)
            ).read(connection).filter { $0.onlyFor == .disconnection }
        }

        @Test func `the right to end sessions is needed while there are some, and superusers' sessions stay`()
            async throws
        {
            try await withSite("create table t (id int primary key)") { site in
                let (mover, shop) = ("m" + site.name, "s" + site.name)
                let owner = try site.connect(.source)
                try owner.execute(
                    "create role \(mover) login; create role \(shop) login; "
                        + "grant connect on database \(site.name) to \(mover), \(shop)")
                let ours = try connect(site, as: mover, "switchback gates")
                do {
                    let theirs = try connect(site, as: shop, "shop")
                    let found = try rights(site, ours)
                    #expect(found.map(\.isGranted) == [false, false])
                    #expect(found.map(\.isOptional) == [false, true])
                    #expect(found.first?.right.hasSuffix("of which there are 1 now") == true)
                    #expect(found.last?.right.hasPrefix("SUPERUSER, to end ") == true)
                    // Without the right, the session's start is not seen.
                    #expect(try ours.disconnectSessions(before: secondsNow() + 60).unseen == 1)
                    try owner.execute("grant pg_read_all_stats, pg_signal_backend to \(mover)")
                    #expect(try rights(site, ours).first?.isGranted == true)
                    let ended = try ours.disconnectSessions(before: secondsNow() + 60)
                    #expect(ended.ended == 1 && ended.unseen == 0 && ended.superusers >= 1)
                    #expect(throws: PostgresError.self) { try theirs.query("select 1") }
                }
                #expect(try owner.query("select 1").scalar == "1")
                try owner.execute("revoke pg_read_all_stats, pg_signal_backend from \(mover)")
                try await eventually("the session is gone") { try ours.sessionsOfOthers().roles == 0 }
                #expect(try rights(site, ours).first?.isOptional == true)
                // A superuser that writes to a fenced table stays, too.
                try owner.execute("grant pg_read_all_stats, pg_signal_backend to \(mover)")
                try owner.execute("begin; insert into t values (1)")
                #expect(try ours.endWriters(of: [QualifiedName(schema: "public", name: "t")]) == 0)
                try owner.execute("commit")
                try owner.execute(
                    "drop owned by \(mover); drop owned by \(shop); drop role \(mover); drop role \(shop)")
            }
        }
    }
}
