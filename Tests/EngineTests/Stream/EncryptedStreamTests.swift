import Demo
import Foundation
import Glibc
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Encrypted streams, which libpq reads. All other suites have unencrypted ones, which `StreamSocket`
    /// reads.
    @Suite(.serialized) struct EncryptedStreamTests {
        private static let tables = "create table t (id int primary key, v text);"

        /// Returns a source with a self-signed certificate.
        private func encryptingSource() throws -> ThrowAwayCluster {
            let source = try ThrowAwayCluster(named: "encrypting", options: .init(trust: true))
            let files = ["server.key", "server.crt"].map { source.dataDirectory + "/" + $0 }
            let openssl = Process()
            openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            openssl.arguments = [
                "req", "-new", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", files[0],
                "-out", files[1],
            ]
            openssl.standardError = FileHandle.nullDevice
            try openssl.run()
            openssl.waitUntilExit()
            try #require(openssl.terminationStatus == 0)
            var owner = stat()
            try #require(unsafe stat(source.dataDirectory, &owner) == 0)
            for file in files {
                try #require(unsafe chown(file, owner.st_uid, owner.st_gid) == 0)
                try #require(unsafe chmod(file, 0o600) == 0)
            }
            let connection = try PostgresConnection(
                source.access(database: "postgres"), applicationName: "test", settings: nil)
            try connection.execute("alter system set ssl = on")
            try connection.execute("select pg_reload_conf()")
            return source
        }

        private static let walsender =
            "from pg_stat_replication join pg_stat_ssl using (pid) where ssl and application_name like "
            + "'switchback%'"

        @Test func `an encrypted stream brings the same changes, even after it was cut`() async throws {
            let source = try encryptingSource()
            defer { source.remove() }
            try await withSite(Self.tables, on: [.source: source]) { site in
                site.sourceSSLMode = "require"
                try site.keepForms()
                try await site.goLive()
                // The connection that created the slot ends when the stream has begun.
                try await eventually("one encrypted stream") {
                    try site.value(.source, "select count(*) \(Self.walsender)") == "1"
                }
                let origin = try site.connect(.source)
                try origin.execute(
                    "insert into t select g, repeat('x', g % 100) from generate_series(1, 20000) g")
                try origin.execute("insert into t values (0, repeat('large', 1000000))")
                for id in 1...200 { try origin.execute("update t set v = 'changed' where id = \(id)") }
                #expect(try await site.differences() == [])
                #expect(
                    try site.value(.source, "select count(pg_terminate_backend(pid)) \(Self.walsender)")
                        == "1")
                try origin.execute("delete from t where id between 50 and 150")
                #expect(try await site.differences() == [])
                try await eventually("the stream is encrypted again") {
                    try site.value(.source, "select count(*) \(Self.walsender)") == "1"
                }
            }
        }

        @Test func `a worker killed again and again on an encrypted stream loses and doubles nothing`()
            async throws
        {
            let source = try encryptingSource()
            defer { source.remove() }
            try await withSite(Self.tables, on: [.source: source]) { site in
                site.sourceSSLMode = "require"
                try site.keepForms()
                try await site.goLiveInProcess()
                let origin = try site.connect(.source)
                for round in 1...3 {
                    let first = round * 10_000
                    try origin.execute(
                        "insert into t select g, repeat('x', 300) from generate_series(\(first), "
                            + "\(first + 5000)) g"
                    )
                    for id in first..<first + 200 {
                        try origin.execute("update t set v = v || 'y' where id = \(id)")
                    }
                    // While the updates arrive: some are there, perhaps all.
                    try await eventually("updates of round \(round) arrive") {
                        try site.value(.target, "select v like '%y' from t where id = \(first)") == "t"
                    }
                    try site.killProcess()
                    try origin.execute("delete from t where id between \(first + 100) and \(first + 120)")
                    try site.startProcess()
                    try await eventually("the stream is encrypted") {
                        try site.value(.source, "select count(*) \(Self.walsender)") == "1"
                    }
                }
                #expect(try await site.differences() == [])
            }
        }
    }
}
