import Console
import Testing

@Suite struct ConsoleSettingsTests {
    @Test func `the settings are read, and none are needed`() throws {
        let folder = try Folder()
        let path = folder.path + "/console.yaml"
        #expect(ConsoleSettings.read(from: path).settings == ConsoleSettings())
        #expect(ConsoleSettings.read(from: path).warning == nil)
        try folder.write("# nothing yet\n", to: "console.yaml")
        #expect(ConsoleSettings.read(from: path).warning == nil)
        try folder.write("theme: dark\nsymbols: ascii\ngraphs: block\nmouse: true\n", to: "console.yaml")
        var wanted = ConsoleSettings()
        (wanted.theme, wanted.symbols, wanted.graphs, wanted.mouse) = ("dark", .ascii, .block, true)
        #expect(ConsoleSettings.read(from: path).settings == wanted)
        #expect(ConsoleSettings.read(from: path).warning == nil)
    }

    @Test(arguments: [
        ("mouse: on", "mouse: on is neither true nor false"),
        ("symbols: emoji", "symbols: emoji is none of auto, unicode, ascii"),
        ("colour: dark", "colour: there is no such setting"),
    ]) func `a bad setting is named, and does not stop the start`(line: String, reason: String) throws {
        let folder = try Folder()
        try folder.write(line, to: "console.yaml")
        let found = ConsoleSettings.read(from: folder.path + "/console.yaml")
        #expect(found.settings == ConsoleSettings())
        #expect(found.warning == "\(folder.path)/console.yaml: \(reason)")
    }

    @Test(arguments: ["[", "[1]", "mouse: {a: b}"])
    func `a file that is no list of settings is named`(text: String) throws {
        let folder = try Folder()
        try folder.write(text, to: "console.yaml")
        let warning = try #require(ConsoleSettings.read(from: folder.path + "/console.yaml").warning)
        #expect(warning.hasPrefix("\(folder.path)/console.yaml: "))
    }
}
