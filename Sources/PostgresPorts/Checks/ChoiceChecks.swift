import Engine
import Postgres
import Records

/// The checks of the table lists, and of what the migration of the chosen tables does not carry.
enum ChoiceChecks {
    /// Reads the tables of a side that the operator's lists choose.
    static func chosen(_ connection: borrowing PostgresConnection, _ record: MigrationRecord) throws
        -> [Table]
    {
        SnapshotPlan.choose(
            try connection.tables(inSchemas: record.schemas), globs: record.tableGlobs,
            excluded: record.excludedTableGlobs)
    }

    static func refusals(_ refusals: [TableChoice.Refusal], _ side: Side) -> [CheckResult] {
        refusals.map { refusal in
            CheckResult(
                side: side, name: refusal.subject, state: .failure, found: refusal.found, wanted: "",
                remedy: refusal.remedy)
        }
    }

    /// Warns of each kind of objects that the migration does not carry. A server that refuses the question
    /// fails no check.
    static func notCarried(_ answer: NotCarriedAnswer) -> [CheckResult] {
        switch answer {
        case .found(let kinds):
            kinds.map { kind in
                CheckResult(
                    side: .source, name: "not carried: \(kind.title)", state: .warning,
                    found: "\(kind.list): \(kind.missing)", remedy: kind.remedy)
            }
        case .refused(let error):
            [
                CheckResult(
                    side: .source, name: "not carried", state: .warning, found: "could not be read: \(error)",
                    remedy: "see docs/guarantees.md for what no migration carries")
            ]
        }
    }

    /// Checks that no policy hides rows: they would be neither copied nor compared.
    static func rowSecurity(_ side: Side, _ filtered: FilteredTables) -> [CheckResult] {
        guard !filtered.names.isEmpty else { return [] }
        return [
            CheckResult(
                side: side, name: "row-level security", state: .failure,
                found: "it hides rows of \(filtered.names.listed(max: 5)) from \(filtered.user)",
                wanted: "a role that sees all rows", remedy: filtered.remedy)
        ]
    }
}
