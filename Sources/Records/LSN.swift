/// A position in a server's write-ahead log, in bytes from its start. It is printed as PostgreSQL prints it.
///
/// A transaction is identified by the LSN of its commit record (the `final_lsn` of pgoutput's BEGIN message,
/// manual chapter "Logical Replication Message Formats"). Positions of two databases are never compared.
public struct LSN: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    public let bytes: UInt64

    public static let zero = LSN(bytes: 0)

    @inlinable public init(bytes: UInt64) {
        self.bytes = bytes
    }

    /// Reads the server's form, two hexadecimal halves with a slash: `16/B374D848`.
    public init?(_ text: some StringProtocol) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        // `UInt32` accepts a sign before the digits, which the server never prints.
        guard halves.count == 2, halves.allSatisfy({ $0.first?.isHexDigit == true }),
            let high = UInt32(halves[0], radix: 16), let low = UInt32(halves[1], radix: 16)
        else { return nil }
        self.init(bytes: UInt64(high) << 32 | UInt64(low))
    }

    public var description: String {
        let high = String(bytes >> 32, radix: 16, uppercase: true)
        let low = String(bytes & 0xFFFF_FFFF, radix: 16, uppercase: true)
        return high + "/" + low
    }

    // All four are written out for other modules to inline: positions are compared for every change.
    @inlinable public static func < (left: LSN, right: LSN) -> Bool { left.bytes < right.bytes }
    @inlinable public static func <= (left: LSN, right: LSN) -> Bool { left.bytes <= right.bytes }
    @inlinable public static func > (left: LSN, right: LSN) -> Bool { left.bytes > right.bytes }
    @inlinable public static func >= (left: LSN, right: LSN) -> Bool { left.bytes >= right.bytes }
}
