import Demo
import Foundation
import Postgres
import Records
import Testing

/// The pair of servers that all tests of a suite share, created at the suite's start and removed at its end.
///
/// They listen on a loopback address of their own at the default ports, so that the manual's command lines
/// run word for word. If one of the ports is in use, they listen elsewhere and the command lines give the
/// ports.
final class Servers: Sendable {
    static let sourcePort = 5432
    static let targetPort = 5433

    let source: ThrowAwayCluster
    let target: ThrowAwayCluster

    @TaskLocal static var current: Servers?

    init() throws {
        let address = "127.\(Int.random(in: 1...254)).\(Int.random(in: 0...254)).\(Int.random(in: 1...254))"
        func cluster(_ name: String, _ port: Int) throws -> ThrowAwayCluster {
            do {
                return try ThrowAwayCluster(named: name, options: .init(address: address, port: port))
            } catch {
                return try ThrowAwayCluster(named: name)
            }
        }
        source = try cluster("source", Self.sourcePort)
        target = try cluster("target", Self.targetPort)
    }

    func remove() {
        source.remove()
        target.remove()
    }

    subscript(side: Side) -> ThrowAwayCluster { side == .source ? source : target }

    /// Returns a server's host as a flag's value, with its port if the command line needs it.
    func host(_ side: Side) -> String {
        let cluster = self[side]
        let isDefault = cluster.port == (side == .source ? Self.sourcePort : Self.targetPort)
        return cluster.address + (isDefault ? "" : " --\(side.rawValue)-db-port \(cluster.port)")
    }
}

/// The trait that provides a suite with its servers.
struct ServersTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let servers = try Servers()
        defer { servers.remove() }
        try await Servers.$current.withValue(servers, operation: function)
    }
}

extension Trait where Self == ServersTrait {
    static var servers: Self { ServersTrait() }
}

/// All tests of whole command lines, one after the other on the same pair of servers.
@Suite(.serialized, .servers) struct WorkflowTests {}
