import Console
import Support
import Testing

@Suite struct OwnFilesTests {
    @Test func `the settings and the keys are read from one folder`() throws {
        let folder = try Folder()
        let files = OwnFiles(folder: folder.path)
        #expect(files.read() == OwnSettings(files: files))
        try folder.write("bell: false\n", to: "console.yaml")
        try folder.write("screenshot: F12\nhelp: F11\n", to: "keys.yaml")
        let own = files.read()
        #expect(own.warning == nil)
        #expect(!own.settings.bell && own.changedKeys == 2)
        #expect(own.keymap[.help]?.keys == [.function(11)])
    }

    @Test func `a bad file is named, and the other one is used`() throws {
        let folder = try Folder()
        try folder.write("bell: false\n", to: "console.yaml")
        try folder.write("fly: c\n", to: "keys.yaml")
        let own = OwnFiles(folder: folder.path).read()
        #expect(own.warning?.hasPrefix("\(folder.path)/keys.yaml: line 1: there is no command fly") == true)
        #expect(!own.settings.bell && own.changedKeys == 0)
    }

    @Test func `the page shows what the files say, and opens the one with the chosen line`() throws {
        let folder = try Folder()
        let files = OwnFiles(folder: folder.path)
        var hands = Hands(.streaming())
        hands.session.take(files.read())
        hands.press(.character("7"))
        #expect(hands.shows("bell              on  (e)") && hands.shows("the standard ones"))
        hands.press(.end, .up, .character("e"))
        #expect(hands.edited == files.keys)
        hands.press(.home, .character("e"))
        #expect(hands.edited == files.settings)
        try folder.write("bell: false\n", to: "console.yaml")
        try folder.write("help: F11\n", to: "keys.yaml")
        hands.session.take(files.read())
        #expect(hands.shows("bell              off  (e)") && hands.shows("1 command with keys of your own"))
        // The new key is in use.
        hands.press(.function(11))
        #expect(hands.shows("Keys: Settings"))
    }

    @Test func `a line that nothing changes says so`() {
        var hands = Hands(.streaming())
        hands.press(.character("7"), .end, .enter)
        #expect(hands.shows("Nothing changes this line."))
    }
}
