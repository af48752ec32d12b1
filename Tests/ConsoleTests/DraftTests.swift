import Console
import Engine
import Foundation
import Support
import Testing

/// Half-typed answers, after a console that was killed.
@Suite struct DraftTests {
    private func hands(_ folder: Folder, readOnly: Bool = false) throws -> Hands {
        var migration = FakeMigration()
        migration.status.exportDirectory = folder.path
        migration.forms = FakeMigration.connected
        return Hands(migration, readOnly: readOnly)
    }

    private func folder() throws -> Folder {
        let folder = try Folder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/metainfo", withIntermediateDirectories: true)
        return folder
    }

    @Test func `a half-typed answer is there again, in the same field, and no password is`() throws {
        let folder = try folder()
        var hands = try hands(folder)
        hands.press(.tab)
        hands.type("pg-older.exam")
        #expect(hands.shows("pg-older.exam"))
        hands.press(.tab, .tab, .tab, .tab)
        hands.type("geheim")
        hands.press(.backTab)
        hands.type("mover")
        // Nothing is told to the console that is killed.
        let again = try self.hands(folder)
        #expect(again.shows("pg-older.exam"), "\(again.screen())")
        #expect(again.shows("mover"))
        #expect(again.state.form?.focusedField?.id == "source.user")
        let kept = try String(contentsOfFile: folder.path + "/metainfo/console.draft.json", encoding: .utf8)
        #expect(!kept.contains("geheim"))
    }

    @Test func `in another phase the questions begin anew`() throws {
        let folder = try folder()
        var hands = try hands(folder)
        hands.type("pg-older")
        var migration = FakeMigration.streaming()
        migration.status.exportDirectory = folder.path
        let later = Hands(migration)
        #expect(later.state.root == .dashboard)
    }

    @Test func `a read-only console keeps nothing`() throws {
        let folder = try folder()
        var hands = try hands(folder, readOnly: true)
        hands.press(.down)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/metainfo/console.draft.json"))
    }
}
