import Foundation
import Support
import Testing

/// The terminal is left as it was found, however the console ends.
@Suite struct LeavingTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func isRestored(_ probe: PseudoTerminal) -> Bool {
        probe.isCooked && !probe.screen().contains { $0.contains(sign(of: "tokens")) }
    }

    @Test func `the modes of the terminal come back with the shell's screen`() throws {
        let probe = try canvasProbe("tokens", in: folder)
        #expect(!probe.isCooked)
        probe.send("q")
        #expect(try probe.waitForEnd() == 0)
        #expect(isRestored(probe))
        #expect(probe.received.suffix(200).contains(Array("\u{1B}[?1049l".utf8)))
    }

    @Test func `what comes on standard error waits until the screen is left`() throws {
        let probe = try canvasProbe("tokens", in: folder)
        probe.send("e")
        try probe.waitFor { $0.last == "said" }
        #expect(!String(decoding: probe.received, as: UTF8.self).contains("standard error"))
        probe.send("q")
        #expect(try probe.waitForEnd() == 0)
        #expect(probe.screen().contains("  said on \u{FFFD}[31mstandard error"))
        #expect(probe.screen().contains { $0.hasPrefix("Messages that came while the console was open") })
    }

    @Test func `a crash leaves the screen and then shows what the runtime said`() throws {
        let probe = try canvasProbe("tokens", in: folder)
        probe.send("x")
        #expect(try probe.waitForEnd() > 128)
        #expect(isRestored(probe))
        let text = String(decoding: probe.received, as: UTF8.self)
        let left = try #require(text.range(of: "\u{1B}[?1049l"))
        let message = try #require(text.range(of: "Fatal error: the probe was told to crash"))
        #expect(left.upperBound < message.lowerBound)
    }

    @Test func `a console that hangs is ended by further signals, and the terminal is restored`() throws {
        let probe = try canvasProbe("tokens", in: folder)
        probe.send("h")
        try probe.waitForBytes("\u{7}")
        try probe.waitFor { _ in
            kill(probe.processID, SIGTERM)
            return probe.hasEnded
        }
        #expect(try probe.waitForEnd() == 128 + SIGTERM)
        #expect(isRestored(probe))
    }

    @Test func `a terminal that is taken away ends the program`() throws {
        let probe = try canvasProbe("tokens", in: folder)
        kill(probe.processID, SIGHUP)
        #expect(try probe.waitForEnd() == 0)
        #expect(isRestored(probe))
    }
}

/// ^Z, within a shell that controls jobs.
@Suite struct SuspendTests {
    private let folder: Folder
    private let shell: PseudoTerminal

    init() throws {
        folder = try Folder()
        shell = try PseudoTerminal(
            executable: "/bin/bash", arguments: ["--norc", "--noprofile", "-i"],
            environment: ["PS1": "shell> ", "PROBE_DIRECTORY": folder.path, "SWIFT_BACKTRACE": "enable=no"])
        try shell.waitFor("shell>")
        shell.send("\(try probePath()) canvas tokens\r")
        try shell.waitFor(sign(of: "tokens"))
    }

    /// Expects the shell's screen and its modes.
    private func expectShell() throws {
        try shell.waitFor("Stopped")
        #expect(!shell.screen().contains { $0.contains(sign(of: "tokens")) })
        shell.send("stty -a\r")
        try shell.waitFor { $0.contains { $0.contains(" icanon") } && $0.contains { $0.contains(" echo ") } }
    }

    private func expectProbe() throws {
        shell.send("fg\r")
        try shell.waitFor(sign(of: "tokens"))
        shell.send(Key.up)
        try shell.waitFor("key Up")
        shell.send("q")
        try shell.waitFor("frame 1:")
    }

    @Test func `suspending gives the shell its terminal, and fg draws the screen again`() throws {
        shell.send(Key.control("z"))
        try expectShell()
        try expectProbe()
    }

    @Test func `a stop that another program asks for does the same`() throws {
        let path = "/proc/\(shell.processID)/task/\(shell.processID)/children"
        let children = try String(contentsOfFile: path, encoding: .utf8).split(separator: " ")
        kill(try #require(children.first.flatMap { Int32($0) }), SIGTSTP)
        try expectShell()
        try expectProbe()
    }

    @Test func `where no shell could continue it, it goes on`() throws {
        let probe = try canvasProbe("tokens", in: folder)
        probe.send(Key.control("z"))
        probe.send("a")
        try probe.waitFor("key a")
        #expect(!probe.isCooked)
    }
}
