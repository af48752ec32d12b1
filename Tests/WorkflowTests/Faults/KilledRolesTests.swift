import Demo
import Engine
import Foundation
import Postgres
import Records
import Support
import Synchronization
import Testing

/// Writes to a database from a thread of its own until it is stopped. It reconnects after a lost connection,
/// as an application does.
final class Writer: Sendable {
    private let stopped = Atomic<Bool>(false)
    private let written = Atomic<Int>(0)
    private let done = DispatchSemaphore(value: 0)

    /// - Parameter mark: a prefix in the rows, so that two writers use different names.
    init(_ access: DatabaseAccess, mark: String) {
        let thread = Thread { [self] in
            while !stopped.load(ordering: .acquiring) {
                do {
                    let session = try PostgresConnection(
                        access, applicationName: "writer", settings: nil)
                    while !stopped.load(ordering: .acquiring) {
                        let number = written.load(ordering: .relaxed)
                        try session.execute(Self.transaction(number, mark: mark))
                        written.add(1, ordering: .relaxed)
                        usleep(2000)
                    }
                } catch {
                    usleep(50_000)
                }
            }
            done.signal()
        }
        thread.start()
    }

    var transactions: Int { written.load(ordering: .relaxed) }

    func stop() {
        guard !stopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        done.wait()
    }

    private static func transaction(_ number: Int, mark: String) -> String {
        """
        begin;
        insert into account (name) values ('\(mark) \(number)');
        insert into entry (account_id, amount, note) select max(id), \(number), repeat('x', \(number % 200)) from account;
        update account set balance = balance + 1 where id = 1 + \(number) % 50;
        update account set id = id + 1000000 where name = '\(mark) \(number - 7)' and not exists
            (select from entry where account_id = account.id);
        delete from entry where id % 97 = \(number) % 97 and note is null;
        commit;
        """
    }
}

extension WorkflowTests {
    @Suite struct KilledRolesTests {
        @Test
        func
            `roles that are killed continue by the same command, after the cutover by the command the manual names`()
            async throws
        {
            try await withSite { site in
                var (export, `import`) = try await site.startBoth()
                try await site.waitForStreaming()
                let writer = Writer(site.access(.source), mark: "source")
                defer { writer.stop() }

                for _ in 1...2 {
                    try await untilMoved(site)
                    export.kill()
                    export = try site.start(Manual.exportData)
                    try await untilMoved(site)
                    `import`.kill()
                    `import` = try site.start(Manual.importData)
                }
                try await untilMoved(site)
                export.kill()
                `import`.kill()
                export = try site.start(Manual.exportData)
                `import` = try site.start(Manual.importData)
                try await untilMoved(site)
                writer.stop()
                try await site.waitUntilEqual()

                try await cutOver(site, Manual.cutoverToTarget, to: .target)
                #expect(try site.differences() == [])
                try await site.waitUntil("the fall-back streams") {
                    $0.capture?.direction == .reverse && $0.apply?.direction == .reverse
                        && $0.capture?.state.word == .streaming && $0.apply?.state.word == .streaming
                }
                let back = Writer(site.access(.target), mark: "target")
                defer { back.stop() }
                try await untilMoved(site)
                export.kill()
                `import`.kill()
                var capture = try site.start(Manual.exportDataFromTarget)
                var apply = try site.start(Manual.importDataToSource)
                try await untilMoved(site)
                capture.kill()
                capture = try site.start(Manual.exportDataFromTarget)
                try await untilMoved(site)
                apply.kill()
                apply = try site.start(Manual.importDataToSource)
                try await untilMoved(site)
                back.stop()
                try await site.waitUntilEqual()

                try await cutOver(site, Manual.cutoverToSource, to: .source)
                #expect(try await capture.end() == 0, "\(capture.errors)")
                #expect(try await apply.end() == 0, "\(apply.errors)")
                #expect(writer.transactions > 0 && back.transactions > 0)
                #expect(
                    try compareDatabases(
                        source: site.access(.source), target: site.access(.target), schemas: ["public"]
                    ).differences(readyFor: .source) == [])
            }
        }

        @Test func `a snapshot whose roles are killed is finished by the same commands`() async throws {
            try await withSite { site in
                try site.sql(
                    .source,
                    "insert into entry (account_id, amount, note) select 1 + n % 50, n, "
                        + "repeat(md5(n::text), 20) "
                        + "from generate_series(1, 60000) n")
                let writer = Writer(site.access(.source), mark: "source")
                defer { writer.stop() }
                var export = try site.start(Manual.exportData)
                try await site.waitUntil("the slot is made") { _ in
                    try site.sql(
                        .source, "select from pg_replication_slots where database = current_database()"
                    ).rows.count > 0
                }
                export.kill()
                export = try site.start(Manual.exportData)
                var `import` = try site.start(Manual.importData)
                try await site.waitUntil("the import has begun") {
                    $0.tables.contains { $0.importedRows > 0 }
                }
                `import`.kill()
                `import` = try site.start(Manual.importData)
                try await site.waitForStreaming()
                writer.stop()
                try await site.waitUntilEqual()
            }
        }
    }
}

/// Waits until both roles have moved more changes.
private func untilMoved(_ site: WorkflowSite, sourceLocation: SourceLocation = #_sourceLocation) async throws
{
    func counts() throws -> (Int64, Int64) {
        let status = try site.status()
        return (status.capture?.totalEvents.total ?? 0, status.apply?.totalEvents.total ?? 0)
    }
    let before = try counts()
    try await site.waitUntil("more changes are moved", sourceLocation: sourceLocation) {
        ($0.capture?.totalEvents.total ?? 0) >= before.0 + 50
            && ($0.apply?.totalEvents.total ?? 0) >= before.1 + 50
    }
}

/// Initiates a cutover and waits until it has completed.
func cutOver(
    _ site: WorkflowSite, _ command: String, to side: Side, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let initiate = try site.start(command, around: { "exec \($0) --yes" })
    #expect(
        try await initiate.end() == 0, "\(initiate.output)\n\(initiate.errors)",
        sourceLocation: sourceLocation)
    try await site.waitUntil(
        "the cutover to \(side.rawValue) has completed", within: 60, sourceLocation: sourceLocation
    ) {
        guard let cutover = $0.cutovers.last(where: { $0.to == side }) else { return false }
        if cutover.word == .aborted {
            throw WaitedTooLong(description: "aborted: \(cutover.abortReason ?? "")")
        }
        return cutover.word == .completed
    }
}
