import Foundation
import Records
import Testing

@Suite struct LogPositionTests {
    @Test(arguments: [UInt64(0), 1, 0xFFFF_FFFF, 1 << 32, 0x16_B374_D848, .max])
    func `a position survives JSON, under the key of an earlier version`(number: UInt64) throws {
        let position = LogPosition(number: number)
        let json = try JSONEncoder().encode(position)
        #expect(String(decoding: json, as: UTF8.self) == #"{"bytes":\#(number)}"#)
        #expect(try JSONDecoder().decode(LogPosition.self, from: json) == position)
    }

    @Test func `positions are ordered by commit position, and by rank within one`() throws {
        let form = PositionForm(rankBits: 12)
        let parts: [(UInt64, UInt64)] = [(0, 0), (0, 1), (1, 0), (1, 4095), (2, 0), (form.commitMax, 4095)]
        let positions = try parts.map { try form.position(commit: $0.0, rank: $0.1) }
        #expect(positions == positions.sorted() && Set(positions).count == positions.count)
        for (position, part) in zip(positions, parts) {
            #expect(form.commit(of: position) == part.0 && form.rank(of: position) == part.1)
        }
        #expect(positions.allSatisfy { $0 < .last && $0.number <= UInt64(Int64.max) })
    }

    @Test func `a part that has no room is refused, and never cut`() throws {
        let form = PositionForm(rankBits: 12)
        #expect(form.commitMax == 1 << 51 - 1 && form.rankMax == 4095)
        #expect(throws: PositionOutOfRange(commit: 1 << 51, rank: 0)) {
            try form.position(commit: 1 << 51)
        }
        #expect(throws: PositionOutOfRange(commit: 7, rank: 4096)) {
            try form.position(commit: 7, rank: 4096)
        }
        #expect(try PositionForm(rankBits: 0).position(commit: 7) == LogPosition(number: 7))
        #expect(throws: PositionOutOfRange.self) {
            try PositionForm(rankBits: 0).position(commit: 7, rank: 1)
        }
    }
}
