import Postgres
import Records
import Testing

@Suite struct LSNTests {
    @Test(arguments: [
        (UInt64(0), "0/0"), (0x16_B374_D848, "16/B374D848"), (1 << 32, "1/0"), (0xFFFF_FFFF, "0/FFFFFFFF"),
        (UInt64.max, "FFFFFFFF/FFFFFFFF"),
    ])
    func `a position is printed as the server prints it, and read back`(bytes: UInt64, text: String) {
        #expect(LSN(number: bytes).description == text)
        #expect(LSN(lsn: text) == LSN(number: bytes))
        #expect(LSN(lsn: text.lowercased()) == LSN(number: bytes))
    }

    @Test(arguments: [
        "", "/", "0/", "/0", "0", "0/0/0", "G/0", "0/100000000", "-1/0", "+1/0", "0/ 1", "0x1/0",
    ])
    func `text that is no position is not read as one`(text: String) {
        #expect(LSN(lsn: text) == nil)
    }

    @Test func `positions are ordered by their bytes, not by their text`() throws {
        #expect(try #require(LSN(lsn: "9/0")) < #require(LSN(lsn: "10/0")))
        #expect(LSN(number: 5) > .zero)
    }

    @Test(arguments: [UInt64(0), 1, 0xFFFF_FFFF, 1 << 32, 0x16_B374_D848, .max - 1, .max])
    func `a position survives its text`(number: UInt64) {
        #expect(LSN(lsn: LSN(number: number).description) == LSN(number: number))
    }
}
