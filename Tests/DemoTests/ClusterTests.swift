import Demo
import Foundation
import Glibc
import Postgres
import Records
import Support
import Testing

@Suite(.serialized) struct ClusterTests {
    @Test func `a cluster starts on loopback with logical decoding and is gone when removed`() throws {
        let cluster = try ThrowAwayCluster(named: "one")
        do {
            let session = try PostgresConnection(cluster.access(), applicationName: "test")
            #expect(try session.query("show wal_level").scalar == "logical")
            #expect(try session.query("show listen_addresses").scalar == "127.0.0.1")
        }
        cluster.remove()
        #expect(!FileManager.default.fileExists(atPath: cluster.directory))
        #expect(throws: PostgresError.self) {
            _ = try PostgresConnection(cluster.access(), applicationName: "test")
        }
    }

    @Test func `a wrong password is refused`() throws {
        let cluster = try ThrowAwayCluster(named: "two")
        #expect(throws: PostgresError.self) {
            _ = try PostgresConnection(cluster.access(password: "guess"), applicationName: "test")
        }
    }

    @Test func `a cluster restarts on its port after a crash of the server`() throws {
        let cluster = try ThrowAwayCluster(named: "three")
        try cluster.restart(.immediate)
        let session = try PostgresConnection(cluster.access(), applicationName: "test")
        #expect(try session.query("select 1").scalar == "1")
    }

    @Test func `a cluster that cannot start leaves no directory behind`() throws {
        let parent = "/tmp/switchback-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: parent) }
        #expect(throws: DemoError.self) {
            _ = try ThrowAwayCluster(
                named: "four", in: parent, options: .init(settings: ["shared_buffers": "wrong"]))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: parent).isEmpty)
    }

    @Test func `a cluster without references is removed`() throws {
        var directory = ""
        do {
            let cluster = try ThrowAwayCluster(named: "five")
            directory = cluster.directory
            #expect(FileManager.default.fileExists(atPath: directory))
        }
        #expect(!FileManager.default.fileExists(atPath: directory))
    }
}
