import Console
import Support
import Testing

@Suite struct MouseTests {
    @Test func `a report says place, button and release`() {
        #expect(MouseEvent(report: "0;12;5M") == MouseEvent(row: 4, column: 11, button: .left))
        #expect(
            MouseEvent(report: "0;12;5m") == MouseEvent(row: 4, column: 11, button: .left, isRelease: true))
        #expect(MouseEvent(report: "1;1;1M")?.button == .middle)
        #expect(MouseEvent(report: "2;300;200M") == MouseEvent(row: 199, column: 299, button: .right))
        #expect(MouseEvent(report: "64;1;1M")?.button == .wheelUp)
        #expect(MouseEvent(report: "65;1;1M")?.button == .wheelDown)
        // With Shift, Alt and Ctrl.
        #expect(MouseEvent(report: "28;1;1M")?.button == .left)
    }

    @Test(arguments: [
        "", "M", "0;12;5", "0;12M", "0;12;5;6M", "x;12;5M", "0;-1;5M", "0;0;5M", "0;5;0M", "35;1;1M",
        "128;1;1M",
        "0;99999999999999999999;1M", "٣;1;1M",
    ])
    func `what is no report of a button is none`(report: String) {
        #expect(MouseEvent(report: report) == nil)
    }

    @Test func `the terminal reports the mouse only if the operator asked for it`() throws {
        let folder = try Folder()
        let without = try canvasProbe("tokens", in: folder)
        #expect(!String(decoding: without.received, as: UTF8.self).contains("?1000h"))
        let probe = try canvasProbe("tokens", in: folder, ["PROBE_MOUSE": "1"])
        #expect(String(decoding: probe.received, as: UTF8.self).contains("\u{1B}[?1000h\u{1B}[?1006h"))
        probe.send("\u{1B}[<0;12;5M")
        try probe.waitFor("mouse left 4 11 false")
        probe.send("\u{1B}[<0;13;5m")
        try probe.waitFor("mouse left 4 12 true")
        probe.send("\u{1B}[<65;80;24M")
        try probe.waitFor("mouse wheelDown 23 79 false")
        // A report that is none does not become keys.
        probe.send("\u{1B}[<35;80;24M" + Key.up)
        try probe.waitFor("key Up")
        probe.send("q")
        #expect(try probe.waitForEnd() == 0)
        #expect(String(decoding: probe.received, as: UTF8.self).contains("\u{1B}[?1000l\u{1B}[?1006l"))
    }
}
