import Journal
import Support
import Testing

@Suite struct ChecksumTests {
    private func checksum(_ bytes: [UInt8], cuts: [Int] = [], byInstruction: Bool = true) -> UInt32 {
        var sum = CRC32C(byInstruction: byInstruction)
        var start = 0
        for end in cuts + [bytes.count] {
            // Sound: the array lives through the call.
            unsafe bytes.withUnsafeBytes { raw in
                unsafe sum.update(UnsafeRawBufferPointer(rebasing: raw[start..<end]))
            }
            start = end
        }
        return sum.value
    }

    /// RFC 3720, appendix B.4, and the check value of the polynomial's catalogue entry.
    private static let published: [([UInt8], UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), ([UInt8](0..<32), 0x46DD_794E),
        ([UInt8]((0..<32).reversed()), 0x113F_DB5C), ([], 0),
    ]

    @Test(arguments: published)
    func `the published values are computed`(bytes: [UInt8], value: UInt32) {
        #expect(checksum(bytes) == value)
        #expect(checksum(bytes, byInstruction: false) == value)
    }

    @Test func `the processor's instruction and the tables compute the same`() {
        var random = Randomness("checksums")
        for count in 0..<300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let cut = Int.random(in: 0...count, using: &random)
            #expect(checksum(bytes, cuts: [cut]) == checksum(bytes, byInstruction: false))
        }
    }

    @Test func `the sum does not depend on how the bytes are cut`() {
        let bytes = (0..<100).map { UInt8($0) }
        for cut in 0...bytes.count { #expect(checksum(bytes, cuts: [cut]) == checksum(bytes)) }
    }
}
