import Postgres
import Records
import Testing

@testable import Engine
@testable import PostgresPorts

/// The checks of a server by its version.
@Suite struct ServerVersionTests {
    @Test func `a release of YugabyteDB that streams nothing is refused, and a preview is warned of`() {
        func state(_ numbers: Int..., isStreamed: Bool = true) -> CheckResult.State? {
            YugabyteChecks.versions(.target, YugabyteVersion(numbers), isStreamed: isStreamed).first?.state
        }
        #expect(state(2023, 2, 9, 0, isStreamed: false) == .ok)
        #expect(state(2, 25, 2, 0) == .warning)
        #expect(state(2023, 2, 9, 0) == .failure)
        #expect(state(2024, 1, 1, 0) == .ok)
        #expect(state(2026, 1, 0, 0) == .ok)
    }

    /// Around each first release with a fault, and each first one without it.
    @Test(
        arguments: [
            ("2.20.6.0", "TA-25193 #10936"), ("2.20.7.0", "TA-29060 TA-25193 #10936"),
            ("2.20.9.0", "TA-29060 #10936"), ("2.20.13.0", "#10936"),
            ("2024.1.2.0", "TA-25193 #10936 TA-31187"), ("2024.1.3.0", "TA-29060 TA-25193 #10936 TA-31187"),
            ("2024.1.9.0", "TA-29060 #10936 TA-31187"),
            ("2024.2.0.2", "TA-29060 TA-25193 #10936 TA-31187"), ("2024.2.6.1", "TA-29060 #10936 TA-31187"),
            ("2024.2.7.0", "#10936 TA-31187"), ("2024.2.8.0", "TA-31187"), ("2024.2.9.0", "TA-31187"),
            ("2024.2.10.0", ""),
            ("2025.1.2.0", "TA-29060 #10936 TA-31187"), ("2025.1.3.0", "#10936 TA-31187"),
            ("2025.1.4.0", "TA-31187"), ("2025.1.5.0", ""),
            ("2025.2.1.5", "#10936 TA-31187"), ("2025.2.2.0", "TA-31187"), ("2025.2.3.1", "TA-31187"),
            ("2025.2.4.0", ""), ("2026.1.0.0", ""),
        ])
    func `a release is warned of by the faults of its series, until the release without them`(
        release: String, wanted: String
    ) throws {
        let version = try #require(YugabyteVersion(serverVersion: "PostgreSQL 15.2-YB-\(release)-b0 on x"))
        #expect(YugabyteAdvisory.all(of: version).map(\.advisory.id).joined(separator: " ") == wanted)
        let results = YugabyteChecks.versions(.target, version, isStreamed: true).dropFirst()
        #expect(results.count == wanted.split(separator: " ").count)
        #expect(results.allSatisfy { $0.state == .warning && $0.remedy.hasPrefix("upgrade it to ") })
        #expect(YugabyteChecks.versions(.target, version, isStreamed: false).count == 1)
    }

    @Test func `a release that loses rows over 4 MB says the release that does not`() {
        let results = YugabyteChecks.versions(.target, YugabyteVersion([2024, 2, 3, 0]), isStreamed: true)
        let warning = results.first { $0.name.contains("TA-29060") }
        #expect(warning?.wanted == "2024.2.7 or later")
        #expect(warning?.found.contains("a row of more than 4 MB") == true)
        let old = YugabyteChecks.versions(.target, YugabyteVersion([2024, 1, 5, 0]), isStreamed: true)
        #expect(old.first { $0.name.contains("TA-29060") }?.wanted == "a later series")
    }

    @Test func `what keeps a server from streaming back is fatal, and the faults of its release are not`() {
        func hazards(_ numbers: [Int], _ hasTransactionalDDL: Bool = false) -> [Bool] {
            YugabyteChecks.hazards(
                YugabyteFacts(
                    version: YugabyteVersion(numbers), hasTransactionalDDL: hasTransactionalDDL)
            ).map(\.isFatal)
        }
        #expect(hazards([2026, 1, 0, 0]) == [])
        #expect(hazards([2026, 1, 0, 0], true) == [true])
        #expect(hazards([2025, 2, 2, 0], true) == [true, false])
        #expect(hazards([2024, 1, 0, 0]) == [true, false, false, false])
        #expect(hazards([2, 29, 0, 0]) == [])
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
