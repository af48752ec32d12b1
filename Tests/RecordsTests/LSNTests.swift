import Foundation
import Records
import Testing

@Suite struct LSNTests {
    @Test(arguments: [
        (UInt64(0), "0/0"), (0x16_B374_D848, "16/B374D848"), (1 << 32, "1/0"), (0xFFFF_FFFF, "0/FFFFFFFF"),
        (UInt64.max, "FFFFFFFF/FFFFFFFF"),
    ])
    func `a position is printed as the server prints it, and read back`(bytes: UInt64, text: String) {
        #expect(LSN(bytes: bytes).description == text)
        #expect(LSN(text) == LSN(bytes: bytes))
        #expect(LSN(text.lowercased()) == LSN(bytes: bytes))
    }

    @Test(arguments: [
        "", "/", "0/", "/0", "0", "0/0/0", "G/0", "0/100000000", "-1/0", "+1/0", "0/ 1", "0x1/0",
    ])
    func `text that is no position is not read as one`(text: String) {
        #expect(LSN(text) == nil)
    }

    @Test func `positions are ordered by their bytes, not by their text`() throws {
        #expect(try #require(LSN("9/0")) < #require(LSN("10/0")))
        #expect(LSN(bytes: 5) > .zero)
    }

    @Test func `every position survives text and JSON`() throws {
        var seeded = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let lsn = LSN(bytes: .random(in: 0...UInt64.max, using: &seeded))
            #expect(LSN(lsn.description) == lsn)
            #expect(try JSONDecoder().decode(LSN.self, from: JSONEncoder().encode(lsn)) == lsn)
        }
    }
}
