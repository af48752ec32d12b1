import Demo
import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Transactions whose changes are in the log before any session sees them.
    @Suite(.serialized) struct CommittingTests {
        /// A box, because a connection cannot be copied. One task uses it.
        private final class ConnectionBox: @unchecked Sendable {
            let connection: PostgresConnection
            init(_ connection: consuming PostgresConnection) { self.connection = connection }
        }

        @Test func `a commit that waits for a standby is seen as committing until its rows can be seen`()
            async throws
        {
            let cluster = try ThrowAwayCluster(
                named: "engine-standby", options: ThrowAwayCluster.Options(trust: true))
            func connect() throws -> PostgresConnection {
                try PostgresConnection(cluster.access(), applicationName: "test")
            }
            let reader = try connect()
            try reader.execute(
                "create table item (id int primary key, v text); insert into item values (1, 'old')")
            let item = QualifiedName(schema: "public", name: "item")
            #expect(try reader.committing(to: item) == [])
            // A session that is idle within its transaction does not commit.
            let idle = try connect()
            try idle.execute("begin; update item set v = 'mine' where id = 1")
            #expect(try reader.committing(to: item) == [])
            try idle.execute("rollback")
            try reader.execute("alter system set synchronous_standby_names = 'nobody'")
            try reader.execute("select pg_reload_conf()")
            let writer = ConnectionBox(try connect())
            let write = Task {
                try await OnSessionThread().run {
                    // The reload may not have come to the session yet: then the commit does not wait.
                    for _ in 0..<1000 {
                        try writer.connection.execute(
                            "update item set v = 'new' || clock_timestamp() where id = 1")
                    }
                }
            }
            try await eventually("the commit waits") {
                try reader.query(
                    "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"
                ).scalar == "1"
            }
            let before = try reader.query("select v from item").scalar
            #expect(try reader.committing(to: item).count == 1)
            try reader.execute("alter system reset synchronous_standby_names")
            try reader.execute("select pg_reload_conf()")
            try await write.value
            #expect(try reader.query("select v from item").scalar != before)
            #expect(try reader.committing(to: item) == [])
        }
    }
}
