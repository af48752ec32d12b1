import Support
import Testing

/// The search of the tests' proxy for commits, in bytes that come in pieces of any size.
@Suite struct CommitFinderTests {
    private static func message(_ letter: Character, _ body: [UInt8] = []) -> [UInt8] {
        [letter.asciiValue!, 0, 0, 0, UInt8(body.count + 4)] + body
    }

    private static let start: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 47] + [0, 0, 0, 9, 0, 3, 0, 0, 0]
    private static let (execute, sync) = (message("E", [0, 0, 0, 0, 0]), message("S"))

    private static func query(_ sql: String) -> [UInt8] { message("Q", Array(sql.utf8) + [0]) }

    private static func commits(_ messages: [[UInt8]], pieceBytes: Int) -> Int {
        var finder = CommitFinder()
        let bytes = start + messages.joined()
        return stride(from: 0, to: bytes.count, by: pieceBytes).count {
            finder.take(bytes[$0..<min($0 + pieceBytes, bytes.count)])
        }
    }

    @Test(arguments: [1, 3, 7]) func `a commit is found by its word, or by the sync of several statements`(
        pieceBytes: Int
    ) {
        let (execute, sync) = (Self.execute, Self.sync)
        #expect(Self.commits([Self.query("commit")], pieceBytes: pieceBytes) == 1)
        #expect(Self.commits([execute, execute, sync], pieceBytes: pieceBytes) == 1)
        #expect(Self.commits([execute, sync, execute, sync], pieceBytes: pieceBytes) == 0)
        let block = [Self.query("begin"), execute, execute, sync]
        #expect(Self.commits(block, pieceBytes: pieceBytes) == 0)
        #expect(Self.commits(block + [Self.query("commit")], pieceBytes: pieceBytes) == 1)
        #expect(Self.commits(block + [Self.query("rollback")], pieceBytes: pieceBytes) == 0)
        #expect(Self.commits([Self.query("select 'commit'")], pieceBytes: pieceBytes) == 0)
    }
}
