import Console
import Engine
import Foundation
import Support
import Testing

/// Half-typed answers, after a console that was killed.
@Suite struct DraftTests {
    private func hands(
        _ folder: Folder, readOnly: Bool = false, forms: DatabaseForms = FakeMigration.connected
    ) throws -> Hands {
        var migration = FakeMigration()
        migration.status.exportDirectory = folder.path
        migration.forms = forms
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
        let again = try self.hands(folder, forms: hands.control.state.forms)
        #expect(again.shows("pg-older.exam"), "\(again.screen())")
        #expect(again.shows("mover"))
        #expect(again.state.form?.focusedField?.id == "source.user")
        let kept = try String(contentsOfFile: folder.path + "/metainfo/console.draft.json", encoding: .utf8)
        #expect(!kept.contains("geheim"))
    }

    @Test func `a draft of an answer that was stored otherwise meanwhile is out of date`() throws {
        let folder = try folder()
        var hands = try hands(folder)
        hands.press(.tab)
        hands.type("pg-older")
        #expect(hands.shows("pg-older"))
        // A verb stores another host before the console is opened again.
        var forms = FakeMigration.connected
        forms.source.host = "pg-standby"
        let again = try self.hands(folder, forms: forms)
        #expect(again.shows("pg-standby") && !again.shows("pg-older"), "\(again.screen())")
    }

    @Test func `answers that are stored by others meanwhile are shown, and what is typed stays`() throws {
        let folder = try folder()
        var hands = try hands(folder)
        hands.press(.tab)
        hands.type("pg-older")
        hands.control.change { $0.forms.target.host = "pg-newer" }
        hands.refresh()
        #expect(hands.shows("pg-older") && hands.shows("pg-newer"), "\(hands.screen())")
        hands.press(.tab)
        #expect(hands.control.state.forms.source.host == "pg-older")
        #expect(hands.control.state.forms.target.host == "pg-newer")
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
