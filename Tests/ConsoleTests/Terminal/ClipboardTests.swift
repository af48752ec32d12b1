import Console
import Foundation
import Support
import Testing

@Suite struct ClipboardTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func clipboard(_ variables: [String: String]) -> Clipboard {
        Clipboard(kind: TerminalKind(variables: variables), directory: folder.path + "/state")
    }

    private func contents(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test func `a terminal gets the text by OSC 52 in base64`() {
        var sent: [UInt8] = []
        let outcome = clipboard(["TERM": "xterm-256color"]).copy("select 1; -- ✓") {
            sent = $0
            return true
        }
        #expect(outcome == .sent(characters: 14))
        let base64 = Data("select 1; -- ✓".utf8).base64EncodedString()
        #expect(String(decoding: sent, as: UTF8.self) == "\u{1B}]52;c;\(base64)\u{7}")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/state"))
    }

    @Test func `tmux gets it plain, and wrapped with doubled escapes`() {
        let plain = "\u{1B}]52;c;YQ==\u{7}"
        let sent = clipboard(["TERM": "tmux-256color"]).sequence(for: "a")
        #expect(
            String(decoding: sent, as: UTF8.self) == plain + "\u{1B}Ptmux;\u{1B}\u{1B}]52;c;YQ==\u{7}\u{1B}\\"
        )
        #expect(clipboard(["TERM": "screen", "TMUX": "/tmp/socket,1,0"]).sequence(for: "a") == sent)
    }

    @Test func `screen gets it in pieces that it passes on`() throws {
        let text = String(repeating: "abc", count: 400)
        let sent = String(
            decoding: clipboard(["TERM": "screen", "STY": "1.pts"]).sequence(for: text), as: UTF8.self)
        let pieces = sent.split(separator: "\u{1B}\\").map { String($0) }
        #expect(pieces.count == 7)
        #expect(pieces.allSatisfy { $0.hasPrefix("\u{1B}P") && $0.utf8.count <= 258 })
        let whole = pieces.map { $0.dropFirst(2) }.joined()
        #expect(whole == "\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{7}")
    }

    @Test(arguments: ["linux", "vt100", "vt220", "ansi", "cons25"])
    func `where the terminal has no clipboard a file of the operator has the text`(type: String) throws {
        let outcome = clipboard(["TERM": type]).copy("text") { _ in
            Issue.record("the terminal was written to")
            return true
        }
        let path = folder.path + "/state/copied.txt"
        #expect(outcome == .written(path: path, reason: .terminalHasNoClipboard))
        #expect(try contents(path) == "text")
        let modes = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(modes == 0o600)
    }

    @Test func `a terminal that is known to take no copies is not asked to`() {
        let variables = ["TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"]
        #expect(!TerminalKind(variables: variables).mayTakeCopies)
        #expect(TerminalKind(variables: ["TERM": "xterm-kitty"]).mayTakeCopies)
    }

    @Test func `a text of 74,994 bytes is sent, and one byte more goes to the file`() throws {
        let clipboard = clipboard(["TERM": "xterm"])
        let longest = String(repeating: "x", count: 74_994)
        #expect(clipboard.copy(longest) { $0.count <= 100_000 } == .sent(characters: 74_994))
        let outcome = clipboard.copy(longest + "y") { _ in true }
        let path = folder.path + "/state/copied.txt"
        #expect(outcome == .written(path: path, reason: .tooLong))
        #expect(try contents(path) == longest + "y")
        #expect(clipboard.copy("short") { _ in false } == .written(path: path, reason: .terminalIsSlow))
        #expect(try contents(path) == "short")
    }

    @Test func `a folder that cannot be made is a reason, not an end`() throws {
        try folder.write("", to: "state")
        guard case .failed(let reason) = clipboard(["TERM": "linux"]).copy("text", send: { _ in true }) else {
            Issue.record("it did not fail")
            return
        }
        #expect(reason.hasPrefix(folder.path + "/state: "))
    }

    @Test func `a copy leaves the screen as it is`() throws {
        let probe = try canvasProbe("tokens", in: folder)
        let screen = probe.screen().dropLast()
        probe.send("c")
        try probe.waitFor("sent 11 characters")
        #expect(probe.screen().dropLast() == screen)
        let base64 = Data("text with ✓".utf8).base64EncodedString()
        #expect(String(decoding: probe.received, as: UTF8.self).contains("\u{1B}]52;c;\(base64)\u{7}"))
        probe.send("C")
        try probe.waitFor("written: tooLong")
        #expect(try contents(folder.path + "/copied.txt").utf8.count == 74_995)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/tmux")))
    func `a copy within tmux reaches the terminal around it`() throws {
        try folder.write("set -g set-clipboard on\nset -g default-terminal tmux-256color\n", to: "tmux.conf")
        let socket = folder.path + "/tmux"
        let tmux = try PseudoTerminal(
            executable: "/usr/bin/tmux",
            arguments: [
                "-S", socket, "-f", folder.path + "/tmux.conf", "new-session", try probePath(), "canvas",
                "tokens",
            ], environment: ["PROBE_DIRECTORY": folder.path])
        try tmux.waitFor("status.ok")
        tmux.send("c")
        try tmux.waitFor("sent 11 characters")
        try tmux.waitForBytes("]52;")
        tmux.send("q")
        #expect(try tmux.waitForEnd() == 0)
    }
}
