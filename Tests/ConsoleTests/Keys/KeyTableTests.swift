import Console
import Foundation
import Testing

@Suite struct KeyTableTests {
    @Test func `the page about the console has the table of all keys`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/console.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(
            text.contains(Keymap.standard.markdown),
            "write it anew with `switchback keys --markdown`")
    }
}
