import Foundation
import Testing

@Suite struct StatementFileTests {
    /// A database of another encoding may lack a character, and the server then refuses the whole statement,
    /// for a comment's sake.
    @Test func `statements of ours are ASCII, so that a database of any encoding accepts them`() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources")
        var count = 0
        for room in ["Postgres", "Engine", "Schema"] {
            let files = FileManager.default.enumerator(
                at: sources.appendingPathComponent(room), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "sql" else { continue }
                count += 1
                #expect(try Data(contentsOf: file).allSatisfy { $0 < 0x80 }, "\(file.lastPathComponent)")
            }
        }
        #expect(count > 20)
    }
}
