import Postgres
import Records
import Testing

@testable import Engine
@testable import PostgresPorts

/// The checks of a server by its version.
@Suite struct ServerVersionTests {
    @Test
    func
        `a release of YugabyteDB that streams nothing is refused, and one that streams too much is warned of`()
    {
        func state(_ numbers: Int..., isStreamed: Bool = true) -> CheckResult.State {
            YugabyteChecks.version(.target, YugabyteVersion(numbers), isStreamed: isStreamed).state
        }
        #expect(state(2023, 2, 9, 0, isStreamed: false) == .ok)
        #expect(state(2, 25, 2, 0) == .warning)
        #expect(state(2023, 2, 9, 0) == .failure)
        #expect(state(2024, 1, 1, 0) == .warning)
        #expect(state(2025, 2, 1, 5) == .warning)
        #expect(state(2025, 2, 2, 0) == .ok)
    }

    @Test func `partitioned tables are refused where the server cannot publish them`() {
        let tables = [
            Table(
                name: QualifiedName(schema: "public", name: "plain"), columns: [], primaryKey: [],
                replicaIdentity: .primaryKey),
            Table(
                name: QualifiedName(schema: "public", name: "root"), columns: [], primaryKey: [],
                replicaIdentity: .primaryKey,
                isPartitioned: true),
        ]
        #expect(ReplicationChecks.rootsBefore13(.source, tables, serverVersion: 130_000) == nil)
        #expect(ReplicationChecks.rootsBefore13(.source, [tables[0]], serverVersion: 120_022) == nil)
        let refused = ReplicationChecks.rootsBefore13(.source, tables, serverVersion: 120_022)
        #expect(refused?.state == .failure && refused?.found == "public.root")
    }
}
