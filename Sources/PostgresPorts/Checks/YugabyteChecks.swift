import Engine
import Postgres
import Records

/// The checks that only YugabyteDB needs, by its manual and its issues. None of them was run against a
/// YugabyteDB.
enum YugabyteChecks {
    /// The first release that streams by PostgreSQL's protocol.
    static let streamsFrom = YugabyteVersion([2024, 1, 1])
    /// The first release that never streams what a savepoint wrote that was rolled back (manual, "Change data
    /// capture", known limitations).
    static let streamsSavepointsFrom = YugabyteVersion([2025, 2, 2])

    /// - Parameter isStreamed: whether changes are streamed from it
    static func version(_ side: Side, _ version: YugabyteVersion, isStreamed: Bool) -> CheckResult {
        // Previews have the numbers 2.x.
        let isPreview = (version.numbers.first ?? 0) < 2000
        let state: CheckResult.State =
            if !isStreamed { .ok } else if isPreview { .warning } else if version < streamsFrom {
                .failure
            } else if version < streamsSavepointsFrom { .warning } else { .ok }
        let remedy =
            switch state {
            case .ok: ""
            case .warning:
                isPreview
                    ? "it is a preview: try whether it streams by PostgreSQL's protocol"
                    : "upgrade it, or have the application roll back to no savepoint after the cutover: what "
                        + "such a savepoint wrote may be streamed back"
            case .failure: "upgrade it: logical replication begins with \(streamsFrom)"
            }
        return CheckResult(
            side: side, name: "server version", state: state, found: "YugabyteDB \(version)",
            wanted: isStreamed ? "\(streamsSavepointsFrom) or later" : "", remedy: remedy)
    }

    /// Warns of partitioned tables: whether their changes come under the root is unknown. Nil if there is
    /// none.
    static func roots(_ tables: [Table]) -> CheckResult? {
        let roots = tables.filter(\.isPartitioned).map(\.name.description).sorted()
        guard !roots.isEmpty else { return nil }
        return CheckResult(
            side: .target, name: "partitioned tables", state: .warning, found: roots.joined(separator: ", "),
            wanted: "none: whether YugabyteDB streams their changes back was never tested",
            remedy:
                "after the cutover, write to each once and see that it arrives on the source, and cut back "
                + "with --verify"
        )
    }
}
