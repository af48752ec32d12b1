import Foundation
import Support
import Testing

/// The program in tmux, as most operators run it. tmux is a package of its own; without it these are skipped.
@Suite(.serialized, .enabled(if: TmuxPane.isInstalled, "tmux is not installed"))
struct TmuxTests {
    /// Starts a shell in tmux, and marks its screen.
    private func shell() throws -> TmuxPane {
        let pane = try TmuxPane(environment: ["HOME": NSTemporaryDirectory()])
        // A shell of its own prompt takes what is typed once it has shown that.
        try pane.waitFor { $0.contains { !$0.isEmpty } }
        try pane.type("PS1='ready> '")
        try pane.press("Enter")
        try pane.waitFor { $0.last { !$0.isEmpty } == "ready>" }
        try pane.type("echo before the console; stty -a | sum")
        try pane.press("Enter")
        try pane.waitFor { $0.contains("before the console") && $0.last { !$0.isEmpty } == "ready>" }
        return pane
    }

    /// The lines of the shell's screen that are not empty.
    private func shellLines(_ pane: TmuxPane) throws -> [String] {
        try pane.screen().filter { !$0.isEmpty }
    }

    @Test func `the demo shows its dashboard in tmux, and leaves the terminal as it was`() throws {
        let pane = try shell()
        let settings = try shellLines(pane)
        let directory = NSTemporaryDirectory() + "switchback-tmux-" + UUID().uuidString.prefix(8)
        let program = builtProgram("switchback")
        try pane.type("'\(program)' demo --rows 2000 --rate 20 --dir '\(directory)'")
        try pane.press("Enter")
        try pane.waitFor("▸ [ Check both databases ]", timeout: 60)
        try pane.press("F2")
        try pane.waitFor("Export from source")
        #expect(try pane.value("alternate_on") == "1")
        try pane.type("q")
        try pane.waitFor(timeout: 60) { $0.last { !$0.isEmpty } == "ready>" }
        #expect(try pane.value("alternate_on") == "0")
        #expect(try pane.value("cursor_flag") == "1")
        let after = try shellLines(pane)
        #expect(Array(after.prefix(settings.count - 1)) == Array(settings.prefix(settings.count - 1)))
        #expect(!FileManager.default.fileExists(atPath: directory))
        try pane.type("clear; echo after the console; stty -a | sum")
        try pane.press("Enter")
        try pane.waitFor { $0.contains("after the console") && $0.last { !$0.isEmpty } == "ready>" }
        // The terminal's settings are the same again.
        func sum(_ lines: [String], after mark: String) -> String? {
            lines.firstIndex(of: mark).map { lines[$0 + 1] }
        }
        #expect(
            try sum(shellLines(pane), after: "after the console")
                == sum(settings, after: "before the console"))
    }

    @Test func `a console in tmux is drawn anew in a larger window, and ends with a signal as with a key`()
        throws
    {
        let pane = try shell()
        let probe = builtProgram("consoleprobe")
        try pane.type("'\(probe)' streaming --still; echo ended $?")
        try pane.press("Enter")
        try pane.waitFor("Export from source")
        try pane.resize(rows: 24, columns: 80)
        try pane.waitFor { $0.contains { $0.hasPrefix("┌ Export from source ─") && $0.count == 80 } }
        try pane.resize(rows: 40, columns: 140)
        try pane.waitFor { $0.contains { $0.hasPrefix("┌ Export from source ─") && $0.count == 140 } }
        let process = try pane.value("pane_pid")
        let children = try String(
            contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
        let child = try #require(children.split(separator: " ").first.flatMap { Int32($0) })
        kill(child, SIGTERM)
        try pane.waitFor("ended ")
        #expect(try pane.value("alternate_on") == "0")
        #expect(try pane.screen().contains("before the console"))
    }
}
