/// A place in the log of an origin: where a transaction commits, or a bound that a transaction is below or
/// not.
///
/// It has two parts: the commit position, and the rank of the transaction among those that commit there. Only
/// the origin that made it knows the parts; see `PositionForm`. Everybody else compares it with positions of
/// the same origin, stores it and shows it. It is one number in the segment log, the journal and the
/// watermarks, so that a comparison is one of integers.
///
/// A transaction is identified by its position. Positions of two databases are never compared.
public struct LogPosition: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    public let number: UInt64

    /// Before every transaction.
    public static let zero = LogPosition(number: 0)
    /// After every transaction.
    public static let last = LogPosition(number: .max)

    @inlinable public init(number: UInt64) {
        self.number = number
    }

    /// The key in journals. An earlier version knew positions in bytes only.
    private enum CodingKeys: String, CodingKey { case number = "bytes" }

    /// Both halves of the number in hexadecimal: `16/B374D848`. That is how PostgreSQL shows an LSN.
    public var description: String {
        let high = String(number >> 32, radix: 16, uppercase: true)
        let low = String(number & 0xFFFF_FFFF, radix: 16, uppercase: true)
        return high + "/" + low
    }

    // All four are written out for other modules to inline: positions are compared for every change.
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
    @inlinable public static func <= (left: Self, right: Self) -> Bool { left.number <= right.number }
    @inlinable public static func > (left: Self, right: Self) -> Bool { left.number > right.number }
    @inlinable public static func >= (left: Self, right: Self) -> Bool { left.number >= right.number }
}
