import Postgres
import Records

/// What YugabyteDB asks for beyond PostgreSQL, as its manual and its issues tell. Nothing of it was run against one.
enum YugabyteChecks {
    /// The first release that streams by PostgreSQL's protocol.
    static let streamsFrom = YugabyteVersion([2024, 1, 1])
    /// Before it what a savepoint that was rolled back had written may be streamed all the same (manual, "Change data capture",
    /// known limitations).
    static let streamsSavepointsFrom = YugabyteVersion([2025, 2, 2])

    static func version(_ side: Side, _ version: YugabyteVersion) -> CheckResult {
        let state: CheckResult.State =
            version < streamsFrom ? .failure : version < streamsSavepointsFrom ? .warning : .ok
        let remedy =
            switch state {
            case .ok: ""
            case .warning:
                "upgrade it, or have the application roll back to no savepoint after the cutover: what such a savepoint wrote may be "
                    + "streamed back"
            case .failure: "upgrade it: logical replication begins with \(streamsFrom)"
            }
        return CheckResult(
            side: side, name: "server version", state: state, found: "YugabyteDB \(version)",
            wanted: "\(streamsSavepointsFrom) or later", remedy: remedy)
    }

    /// Partitioned tables, of which it is not known whether their changes come under the root; nil where there is none.
    static func roots(_ tables: [Table]) -> CheckResult? {
        let roots = tables.filter(\.isPartitioned).map(\.name.description).sorted()
        guard !roots.isEmpty else { return nil }
        return CheckResult(
            side: .target, name: "partitioned tables", state: .warning, found: roots.joined(separator: ", "),
            wanted: "none: whether YugabyteDB streams their changes back was never seen",
            remedy:
                "after the cutover, write to each once and see that it arrives on the source, and cut back with --verify"
        )
    }
}
