import Demo
import Postgres
import Testing

/// The source and the target that the voyages of a suite share, made at its start and removed at its end.
final class VoyageServers: Sendable {
    let source: ThrowAwayCluster
    let target: ThrowAwayCluster

    @TaskLocal static var current: VoyageServers?

    init() throws {
        source = try ThrowAwayCluster(named: "voyage-source")
        target = try ThrowAwayCluster(named: "voyage-target")
    }

    func remove() {
        source.remove()
        target.remove()
    }
}

/// The trait that gives a suite its servers.
struct VoyageServersTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let servers = try VoyageServers()
        defer { servers.remove() }
        try await VoyageServers.$current.withValue(servers, operation: function)
    }
}

extension Trait where Self == VoyageServersTrait {
    static var voyageServers: Self { VoyageServersTrait() }
}
