import Demo
import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

/// Origins whose WAL does not continue what was received from them.
@Suite struct OriginTimelineTests {
    private let history = "1\t0/5000\tno recovery target specified\n\n2\t0/9000\tbefore 2026\n"

    private func check(_ known: UInt32?, _ received: UInt64, at number: UInt32, _ written: UInt64 = 0x20000)
        -> OriginTimeline.Verdict
    {
        OriginTimeline(known: known, received: LogPosition(number: received)).check(
            ServerTimeline(number: number, writtenThrough: LogPosition(number: written)),
            switches: { ServerTimeline.switches(history) })
    }

    @Test func `an origin whose WAL has everything received continues`() {
        #expect(check(nil, 0, at: 1) == .continues)
        #expect(check(3, 0x20000, at: 3) == .continues)
        #expect(check(1, 0x4fff, at: 3) == .promoted(at: LogPosition(number: 0x5000)))
        #expect(check(2, 0x8fff, at: 3) == .promoted(at: LogPosition(number: 0x9000)))
    }

    @Test func `an origin that lacks what was received is lost`() {
        for (known, received, at, written) in [
            (3, 0x20001, 3, 0x20000), (nil, 0x20001, 1, 0x20000), (1, 0x5000, 3, 0x20000),
            (2, 0x9000, 3, 0x20000),
            (4, 0x10, 3, 0x20000),
        ] as [(UInt32?, UInt64, UInt32, UInt64)] {
            guard case .lost = check(known, received, at: at, written) else {
                Issue.record("\(String(describing: known)), \(received), \(at)")
                continue
            }
        }
    }
}

extension ServerSuites {
    @Suite(.serialized) struct PromotionTests {
        /// Stops the server, replaces its data directory by `data`, and starts it again.
        private func replaceData(_ data: String, in cluster: ThrowAwayCluster) throws {
            try cluster.stop(.immediate)
            try FileManager.default.removeItem(atPath: cluster.dataDirectory)
            try FileManager.default.moveItem(atPath: data, toPath: cluster.dataDirectory)
            try cluster.start()
        }

        private func promote(_ standby: String, in cluster: ThrowAwayCluster) throws {
            try replaceData(standby, in: cluster)
            let session = try PostgresConnection(cluster.access(), applicationName: "test")
            try session.execute("select pg_promote()")
        }

        /// Copies the server's current data directory, to be started as a standby.
        private func standby(of cluster: ThrowAwayCluster) throws -> String {
            let path = cluster.directory + "/standby"
            try cluster.stop()
            let copy = Process()
            copy.executableURL = URL(fileURLWithPath: "/bin/cp")
            copy.arguments = ["-a", cluster.dataDirectory, path]
            try copy.run()
            copy.waitUntilExit()
            #expect(copy.terminationStatus == 0)
            try Data().write(to: URL(fileURLWithPath: path + "/standby.signal"))
            try cluster.start()
            return path
        }

        private func withSource(_ body: (Site, ThrowAwayCluster) async throws -> Void) async throws {
            let source = try ThrowAwayCluster(named: "primary", options: .init(trust: true))
            defer { source.remove() }
            try await withSite("create table item (id int primary key, v text);", on: [.source: source]) {
                site in
                try await site.goLive()
                try site.connect(.source).execute("insert into item values (1, 'one')")
                #expect(try await site.differences() == [])
                try await body(site, source)
            }
        }

        @Test func `an origin that was set back stops the capture, even after its WAL has grown again`()
            async throws
        {
            try await withSource { site, source in
                let earlier = try standby(of: source)
                try FileManager.default.removeItem(atPath: earlier + "/standby.signal")
                try site.connect(.source).execute("insert into item values (2, 'lost there')")
                #expect(try await site.differences() == [])
                try await site.stopWorker()
                try replaceData(earlier, in: source)
                site.startWorker()
                for round in 1...2 {
                    try await eventually("the capture stops, \(round)") {
                        try site.migration.events(after: 0, limit: 1000).filter {
                            $0.level == .error && $0.message.contains("it was set back")
                        }.count >= round
                    }
                    guard round == 1 else { break }
                    try await site.stopWorker()
                    for id in 3...500 {
                        try site.connect(.source).execute("insert into item values (\(id), 'after')")
                    }
                    site.startWorker()
                }
                #expect(try site.value(.target, "select count(*) from item") == "2")
            }
        }

        @Test func `a standby promoted with everything received is streamed from`() async throws {
            try await withSource { site, source in
                let standby = try standby(of: source)
                try await eventually("the capture is back") {
                    try site.migration.status().capture?.state.word == .streaming
                }
                try promote(standby, in: source)
                for id in 2...50 {
                    try site.connect(.source).execute("insert into item values (\(id), 'after')")
                }
                #expect(try await site.differences() == [])
                #expect(try site.trouble().contains("was promoted at"))
                #expect(try site.migration.record().currentLeg?.origin.timeline == 2)
                try site.cutover(to: .target)
                try await site.awaitPhase(.fallBack)
            }
        }

        @Test
        func `a standby promoted without some of it stops the capture, and the error says what it lacks`()
            async throws
        {
            try await withSource { site, source in
                let standby = try standby(of: source)
                try site.connect(.source).execute("insert into item values (2, 'lost there')")
                #expect(try await site.differences() == [])
                try promote(standby, in: source)
                // Its LSNs are used again.
                for id in 3...50 {
                    try site.connect(.source).execute("insert into item values (\(id), 'after')")
                }
                try await eventually("the capture stops") {
                    try site.migration.status().capture?.state.word == .stopped
                }
                let reason = try site.migration.status().capture?.state.reason ?? ""
                #expect(reason.contains("a standby was promoted that did not have all of it"), "\(reason)")
                #expect(reason.contains("begin a new migration"))
                #expect(try site.value(.target, "select count(*) from item") == "2")
            }
        }
    }
}
