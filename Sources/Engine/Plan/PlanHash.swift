/// A plan in few characters: two plans with the same hash have the same statements in the same order, as far
/// as anybody meets it. What the operator was shown is compared with what will run.
package struct PlanHash: Sendable, Equatable, Codable, CustomStringConvertible {
    private let value: UInt64

    package init(_ plan: [PlanLine]) {
        // FNV-1a over the sides, the texts and what takes them back.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func take(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        for line in plan {
            take(line.side?.rawValue ?? "")
            for text in line.texts { take(text) }
            take(line.undo ?? "\u{0}")
        }
        value = hash
    }

    /// Its first four hexadecimal digits.
    package var description: String {
        let digits = String(value >> 48, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
