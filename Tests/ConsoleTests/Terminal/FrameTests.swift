import Foundation
import Support
import Testing

/// What a drawing writes to the terminal.
@Suite struct FrameTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// Returns the writes and the bytes of each drawing, which the probe prints at its end.
    private func frames(_ probe: PseudoTerminal) throws -> [(writes: Int, bytes: Int)] {
        probe.send("q")
        #expect(try probe.waitForEnd() == 0)
        return String(decoding: probe.received, as: UTF8.self).matches(
            of: #/frame \d+: (\d+) write\(s\), (\d+) bytes/#
        )
        .map { (Int($0.1) ?? -1, Int($0.2) ?? -1) }
    }

    @Test(arguments: ["tokens", "graphs", "names"])
    func `a frame arrives by one write, and one without a change writes nothing`(canvas: String) throws {
        let probe = try canvasProbe(canvas, in: folder)
        probe.send("a")
        try probe.waitFor("key a")
        probe.send("a")
        #expect(probe.bytesWritten(withinMilliseconds: 200) == 0)
        let before = probe.bytesReceived
        probe.send(Key.control("l"))
        try probe.waitFor { _ in probe.bytesReceived > before }
        let frames = try frames(probe)
        #expect(frames.map(\.writes) == [1, 1, 1, 0, 1, 0])
        #expect(frames[2].bytes < 60)
        #expect(frames[3].bytes == 0)
        #expect(frames[4].bytes > 200)
    }

    @Test func `in 24 bits a frame is one write, too`() throws {
        let probe = try canvasProbe(
            "tokens", in: folder,
            ["COLORTERM": "truecolor", "PROBE_THEME": "dark", "PROBE_THEMES": themesDirectory])
        #expect(try frames(probe).map(\.writes) == [1, 1, 0])
    }

    @Test func `a terminal that holds frames back gets the brackets of a frame, and others do not`() throws {
        let kitty = try canvasProbe("tokens", in: folder, ["TERM": "xterm-kitty"])
        let text = String(decoding: kitty.received, as: UTF8.self)
        let begin = try #require(text.range(of: "\u{1B}[?2026h"))
        let end = try #require(text.range(of: "\u{1B}[?2026l"))
        #expect(begin.upperBound < end.lowerBound)
        #expect(text[begin.upperBound..<end.lowerBound].contains("status.ok"))
        let xterm = try canvasProbe("tokens", in: folder)
        #expect(!String(decoding: xterm.received, as: UTF8.self).contains("?2026h"))
    }

    @Test func `a type that the system does not know is taken for xterm-256color, and that is said`() throws {
        let probe = try canvasProbe("tokens", in: folder, ["TERM": "novel"])
        let warning = "This system does not know the terminal type novel; xterm-256color is used."
        #expect(String(decoding: probe.received, as: UTF8.self).contains(warning))
    }
}
