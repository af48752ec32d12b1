import Console
import Engine
import Foundation
import Support
import Testing

/// The list of migrations, without one in view and from inside of one.
@Suite struct MigrationListTests {
    private func folder() throws -> Folder { try Folder() }

    private func session(_ folder: Folder) -> ConsoleSession {
        var options = ConsoleOptions(
            stateDirectory: folder.path + "/state", operatorName: "dba@mig-01 console")
        options.workingDirectory = folder.path
        return ConsoleSession(
            control: nil, options: options, clock: { Date().timeIntervalSince1970 }, utcOffset: { 0 },
            runOnOtherThread: { $0() })
    }

    private func screen(_ session: ConsoleSession) -> [String] {
        var canvas = Canvas(rows: 24, columns: 80)
        render(session.state, session.data, onto: &canvas)
        return canvas.lines()
    }

    private func begin(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        _ = try Migration(creating: path)
    }

    @Test func `migrations below the directory and recent ones are listed, and one is opened`() throws {
        let folder = try folder()
        try begin(folder.path + "/moves/a")
        try begin(folder.path + "/moves/b")
        try begin(folder.path + "/state/elsewhere/deep/er/c")
        try RecentMigrations(stateDirectory: folder.path + "/state").note(
            folder.path + "/state/elsewhere/deep/er/c")
        var session = session(folder)
        session.begin(nil)
        _ = session.refresh()
        #expect(session.data.migrations.map(\.name) == ["a", "b", "c"], "\(screen(session))")
        #expect(screen(session).contains { $0.contains("▶ PREPARE") })
        _ = session.key(.down)
        _ = session.key(.enter)
        #expect(session.outcome == .openMigration(folder.path + "/moves/b"))
    }

    @Test func `a migration begins in the directory after a question`() throws {
        let folder = try folder()
        var session = session(folder)
        _ = session.refresh()
        #expect(screen(session).contains { $0.contains("+ begin here") }, "\(screen(session))")
        _ = session.key(.enter)
        #expect(screen(session).contains { $0.contains("BEGIN A MIGRATION") })
        _ = session.key(.enter)
        #expect(session.outcome == nil)
        _ = session.key(.enter)
        _ = session.key(.tab)
        _ = session.key(.enter)
        #expect(session.outcome == .openMigration(folder.path))
    }

    @Test func `without a migration the other commands say that one has to be opened`() throws {
        var session = session(try folder())
        _ = session.refresh()
        _ = session.key(.character("5"))
        #expect(session.state.notice?.text == "Open a migration first: Enter opens the chosen one.")
        _ = session.key(.character("q"))
        #expect(session.outcome == .left)
    }

    @Test func `the recent ones are bounded, the newest first, each once`() throws {
        let recent = RecentMigrations(stateDirectory: try folder().path + "/state")
        for number in 0..<30 { try recent.note("/m/\(number)") }
        try recent.note("/m/25")
        #expect(recent.directories.count == RecentMigrations.countMax)
        #expect(recent.directories.prefix(2) == ["/m/25", "/m/29"])
        #expect(recent.directories.count { $0 == "/m/25" } == 1)
    }
}
