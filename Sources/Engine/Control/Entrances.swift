import Postgres
import Records

// The engine's entrances as the verbs, the worker and the demo use them. PLACEHOLDER bodies: the real ones replace
// this file.

/// The real `ControlRoom`: a migration as its export directory holds it.
package final class Migration: ControlRoom {
    package let exportDirectory: String

    /// Opens the export directory of a migration that has begun; throws `RequestRefused` with yb-voyager's sense
    /// ("run the commands in order") where `metainfo/meta.db` is not there.
    package init(existing exportDirectory: String) throws { throw RequestRefused("not built yet") }

    /// Opens the export directory, making its folders and journal where they are missing. The directory must exist.
    package init(creating exportDirectory: String) throws { throw RequestRefused("not built yet") }

    package func status() throws -> MigrationStatus { throw RequestRefused("not built yet") }
    package func events(after id: Int64, limit: Int) throws -> [LogEvent] { [] }
    package func leave(_ request: Request, by: String) throws -> Int64 { 0 }
    package func record(of request: Int64) throws -> RequestRecord? { nil }
    package func newestRecord(titled title: String) throws -> RequestRecord? { nil }
    package func plan(for request: Request) throws -> [PlanLine] { [] }
    package func refusal(of request: Request) throws -> String? { nil }
    package func databases() throws -> DatabaseForms { .empty }
    package func keep(_ forms: DatabaseForms) throws {}
    package func workerIsAlive() -> Bool { false }
    package func startWorker(sourcePassword: String?, targetPassword: String?) throws -> Int32 { 0 }
}

/// The four long-running commands of the workflow, each a role of the engine with one database.
package enum ForegroundRole: String, Sendable {
    case exportDataFromSource = "export data from source"
    case importDataToTarget = "import data to target"
    case exportDataFromTarget = "export data from target"
    case importDataToSource = "import data to source"
}

/// What a run of the engine may use.
package struct RunOptions: Sendable {
    /// The databases this process has the way to; a role needs its own one only.
    package var source: DatabaseAccess?
    package var target: DatabaseAccess?
    /// COPY lanes, both when reading and when writing.
    package var jobs: Int
    /// Tables to migrate, as globs of `schema.table` or `table`; empty for all.
    package var tables: [String]
    package var excludedTables: [String]
    /// Run the checks before the start (`--run-guardrails-checks`).
    package var checks: Bool
    package var startClean: Bool

    package init(
        source: DatabaseAccess? = nil, target: DatabaseAccess? = nil, jobs: Int = 4, tables: [String] = [],
        excludedTables: [String] = [], checks: Bool = true, startClean: Bool = false
    ) {
        self.source = source
        self.target = target
        self.jobs = jobs
        self.tables = tables
        self.excludedTables = excludedTables
        self.checks = checks
        self.startClean = startClean
    }
}

/// Runs one of the four long-running commands in this process until the workflow has no more for it to do: at a cutover
/// it changes into its next command by itself (`announce` gets the sentences to print, oldest first). Returns when the
/// migration needs this process no more, throws an error whose description is the one clear message otherwise.
/// Ends in good order, by throwing `CancellationError`, within a second of `stop.request()`.
package func runForeground(
    _ role: ForegroundRole, migration: Migration, options: RunOptions, stop: StopSignal,
    announce: @escaping @Sendable (String) -> Void
) async throws { throw RequestRefused("not built yet") }

/// Hosts both roles and the requests in this process; returns after `stopWorker`, `endMigration` or `stop.request()`.
package func runWorker(migration: Migration, options: RunOptions, stop: StopSignal) async throws {
    throw RequestRefused("not built yet")
}

/// Does the work of one short request in this process and waits for its end: export schema, analyze schema, import
/// schema, end migration, check databases. `line` gets each line of progress. Throws what went wrong.
package func runRequest(
    _ request: Request, migration: Migration, options: RunOptions, line: @escaping @Sendable (String) -> Void
) async throws -> RequestRecord { throw RequestRefused("not built yet") }
