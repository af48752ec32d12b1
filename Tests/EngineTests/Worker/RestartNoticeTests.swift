import Foundation
import Records
import Support
import Synchronization
import Testing

@testable import Engine

/// What the operator is told when a process takes over another role.
@Suite struct RestartNoticeTests {
    private final class Sheet: Sendable {
        private let text = Mutex<[String]>([])
        var lines: [String] { text.withLock { $0 } }
        func add(_ line: String) { text.withLock { $0.append(line) } }
    }

    private func options(_ database: MemoryDatabase, _ side: Side) -> RunOptions {
        var options = side == .source ? RunOptions(source: database) : RunOptions(target: database)
        options.restartCommand = {
            RestartCommand(line: "switchback \($0.rawValue) -e /e", note: "no password")
        }
        return options
    }

    /// Starts one of the long-running commands, as a process would.
    private func start(
        _ role: ForegroundRole, _ side: Side, _ site: MemorySite, _ sheet: Sheet, _ stop: StopSignal
    ) -> Task<Void, any Error> {
        let (migration, options) = (site.migration, options(MemoryDatabase(site.server(side)), side))
        return Task {
            try await runForeground(
                role, migration: migration, options: options, stop: stop, announce: { sheet.add($0) })
        }
    }

    private func expectStop(of process: Task<Void, any Error>) async {
        let error = await #expect(throws: (any Error).self) { try await process.value }
        #expect(error.map(isStop) == true, "\(String(describing: error))")
    }

    @Test func `a worker names both of its roles when they change, and nothing before`() throws {
        let site = try MemorySite()
        let sheet = Sheet()
        var options = site.options
        options.restartCommand = { _ in RestartCommand(line: "switchback worker -e /e") }
        let context = RoleContext(
            journal: site.migration.journal, exportDirectory: site.directory, options: options,
            stop: StopSignal(), announce: { sheet.add($0) })
        let leg = Leg(number: 2, direction: .reverse, start: .position, uuid: "u")
        let notice = RestartNotice(context: context, asked: nil)
        notice.note(leg, roles: [.capture, .apply], isFirst: true)
        #expect(sheet.lines.isEmpty)
        notice.note(leg, roles: [.capture, .apply], isFirst: false)
        let words =
            "this process now runs export data from target and import data to source; if it ends, restart "
            + "it with:"
        #expect(sheet.lines == [words, "switchback worker -e /e"])
        let events = try site.migration.events(after: 0, limit: 9).map(\.message)
        #expect(events == [words + " switchback worker -e /e"])
    }

    @Test func `each command prints and logs the line that restarts it in the role it takes at a cutover`()
        async throws
    {
        let site = try MemorySite()
        let (exported, imported) = (Sheet(), Sheet())
        let stop = StopSignal()
        let export = start(.exportDataFromSource, .source, site, exported, stop)
        let `import` = start(.importDataToTarget, .target, site, imported, stop)
        try await site.awaitPhase(.streaming)
        #expect(!(exported.lines + imported.lines).contains { $0.contains("restart") })
        try await site.cutOver(to: .target)
        try await eventually("both processes say how to restart them") {
            [exported, imported].allSatisfy { $0.lines.contains("no password") }
        }
        #expect(
            exported.lines.suffix(3) == [
                "this process now runs import data to source; if it ends, restart it with:",
                "switchback import data to source -e /e", "no password",
            ])
        #expect(imported.lines.contains("switchback export data from target -e /e"))
        let events = try site.migration.events(after: 0, limit: 200).map(\.message)
        for verb in ["import data to source", "export data from target"] {
            #expect(events.contains { $0.contains("with: switchback \(verb) -e /e (no password)") })
        }
        stop.request()
        for process in [export, `import`] {
            await expectStop(of: process)
        }

        // The old command line takes the new role, too, and says so.
        let (again, second) = (Sheet(), StopSignal())
        let old = start(.exportDataFromSource, .source, site, again, second)
        try await eventually("the old command says its role") { again.lines.contains("no password") }
        #expect(again.lines.contains("switchback import data to source -e /e"))
        second.request()
        await expectStop(of: old)
        let (quiet, third) = (Sheet(), StopSignal())
        let new = start(.importDataToSource, .source, site, quiet, third)
        try await eventually("the new command runs") {
            quiet.lines.contains { $0.hasPrefix("import data to source runs") }
        }
        third.request()
        await expectStop(of: new)
        #expect(!quiet.lines.contains { $0.contains("restart") })
    }
}
