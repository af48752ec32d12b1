import Foundation
import Records

/// Performs one short request in this process: export schema, analyze schema, import schema, end migration,
/// check databases.
///
/// - Parameter line: gets each line of progress.
package func runRequest(
    _ request: Request, migration: Migration, options: RunOptions, line: @escaping @Sendable (String) -> Void
) async throws -> RequestRecord {
    let id = try migration.insertRunning(
        request, by: "\(NSUserName())@\(ProcessInfo.processInfo.hostName) verb")
    let context = RoleContext(
        journal: migration.journal, exportDirectory: migration.exportDirectory, options: options,
        stop: StopSignal(), announce: line)
    if case .endMigration = request { try await stopOthers(migration, line: line) }
    try await RequestWork(context: context, line: line).perform(id, request)
    guard let record = try migration.record(of: id) else {
        throw RequestRefused("the request \(id) is gone from the journal")
    }
    return record
}

/// Stops the processes that have a role, so that nothing runs while everything is removed.
private func stopOthers(_ migration: Migration, line: @escaping @Sendable (String) -> Void) async throws {
    let secondsMax = 30.0
    let holders = Set(
        Role.allCases.compactMap { RoleLock.holder(migration.exportDirectory, $0) }.filter {
            $0 != getpid()
        })
    for holder in holders {
        line("stopping process \(holder)")
        kill(holder, SIGTERM)
    }
    let until = secondsNow() + secondsMax
    while Role.allCases.contains(where: { RoleLock.holder(migration.exportDirectory, $0) != nil }) {
        guard secondsNow() < until else {
            throw RequestRefused(
                "process \(holders.map(String.init).joined(separator: ", ")) does not end; stop it, then end "
                    + "the migration again"
            )
        }
        try await Task.sleep(for: .milliseconds(100))
    }
}
