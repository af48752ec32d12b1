import Engine
import Postgres
import Records

/// The facts of a YugabyteDB that decide whether it can stream.
struct YugabyteFacts: Equatable {
    let version: YugabyteVersion
    /// Whether DDL runs in transaction blocks.
    let hasTransactionalDDL: Bool
}

extension YugabyteFacts {
    /// Reads them; nil if the server is another one.
    init?(_ connection: borrowing PostgresConnection) throws {
        guard let version = try connection.yugabyteVersion() else { return nil }
        self.version = version
        hasTransactionalDDL = try connection.hasTransactionalDDL()
    }
}

/// The checks that only YugabyteDB needs, by its manual, its advisories and its issues. None of them was run
/// against a YugabyteDB.
enum YugabyteChecks {
    /// The first release that streams by PostgreSQL's protocol.
    static let streamsFrom = YugabyteVersion([2024, 1, 1])
    /// The flag of its servers that lets DDL run in transaction blocks.
    static let transactionalDDL = "ysql_yb_ddl_transaction_block_enabled"

    /// Checks the release, and its known faults if changes are streamed from it.
    static func versions(_ side: Side, _ version: YugabyteVersion, isStreamed: Bool) -> [CheckResult] {
        [self.version(side, version, isStreamed: isStreamed)]
            + (isStreamed ? advisories(side, version) : [])
    }

    private static func version(_ side: Side, _ version: YugabyteVersion, isStreamed: Bool) -> CheckResult {
        let state: CheckResult.State =
            if !isStreamed { .ok } else if isPreview(version) { .warning } else if version < streamsFrom {
                .failure
            } else { .ok }
        let remedy =
            switch state {
            case .ok: ""
            case .warning: "it is a preview: try whether it streams by PostgreSQL's protocol"
            case .failure: "upgrade it: logical replication begins with \(streamsFrom)"
            }
        return CheckResult(
            side: side, name: "server version", state: state, found: "YugabyteDB \(version)",
            wanted: isStreamed ? "\(streamsFrom) or later" : "", remedy: remedy)
    }

    /// Previews have the numbers 2.x.
    private static func isPreview(_ version: YugabyteVersion) -> Bool { (version.numbers.first ?? 0) < 2000 }

    private static func advisories(_ side: Side, _ version: YugabyteVersion) -> [CheckResult] {
        YugabyteAdvisory.all(of: version).map { advisory, series in
            CheckResult(
                side: side, name: "stream of this release (\(advisory.id))", state: .warning,
                found: "YugabyteDB \(version): \(advisory.effect)", wanted: wanted(series),
                remedy: remedy(advisory, series))
        }
    }

    private static func wanted(_ series: YugabyteAdvisory.Series) -> String {
        series.fixedIn.map { "\($0) or later" } ?? "a later series"
    }

    private static func remedy(_ advisory: YugabyteAdvisory, _ series: YugabyteAdvisory.Series) -> String {
        "upgrade it to \(wanted(series)) before the cutover, or \(advisory.otherwise)"
    }

    /// Checks that DDL runs in no transaction block.
    static func transactionalDDL(_ side: Side, _ facts: YugabyteFacts) -> CheckResult {
        CheckResult(
            side: side, name: transactionalDDL, state: facts.hasTransactionalDDL ? .failure : .ok,
            found: facts.hasTransactionalDDL ? "on" : "off",
            wanted: "off: YugabyteDB does not stream with it",
            remedy: facts.hasTransactionalDDL ? transactionalDDLRemedy : "")
    }

    private static let transactionalDDLRemedy =
        "set \(transactionalDDL) to false on every yb-tserver and restart them, one after the other"

    /// Returns what is known against streaming back from it.
    static func hazards(_ facts: YugabyteFacts) -> [ServerReadings.Hazard] {
        var found: [ServerReadings.Hazard] = []
        let (version, release) = (facts.version, "YugabyteDB \(facts.version)")
        if !isPreview(version), version < streamsFrom {
            found.append(
                .init(
                    words: "\(release) streams nothing", remedy: "upgrade it to \(streamsFrom) or later",
                    isFatal: true))
        }
        if facts.hasTransactionalDDL {
            found.append(
                .init(
                    words: "\(transactionalDDL) is on, with which YugabyteDB does not stream",
                    remedy: transactionalDDLRemedy, isFatal: true))
        }
        return found
            + YugabyteAdvisory.all(of: version).map { advisory, series in
                .init(
                    words: "\(release): \(advisory.effect) (\(advisory.id))",
                    remedy: remedy(advisory, series),
                    isFatal: false)
            }
    }

    /// Warns of partitioned tables: their partitions are published one by one, and no partition that is made
    /// later. Nil if there is none.
    static func roots(_ tables: [Table]) -> CheckResult? {
        let roots = tables.filter(\.isPartitioned).map(\.name.description).sorted()
        guard !roots.isEmpty else { return nil }
        return CheckResult(
            side: .target, name: "partitioned tables", state: .warning, found: roots.joined(separator: ", "),
            wanted: "no partition that is made after the cutover: only those of before are published",
            remedy:
                "make the partitions of the next weeks before the cutover; a table with a later one is set "
                + "aside. Cut back with --verify true: that YugabyteDB streams partitions was never tested")
    }
}
