import Records

/// A position in a server's write-ahead log, in bytes from its start. No two transactions commit at one LSN,
/// so that it is a position whose rank is 0.
///
/// A transaction is identified by the LSN of its commit record (the `final_lsn` of pgoutput's BEGIN message,
/// manual chapter "Logical Replication Message Formats").
package typealias LSN = LogPosition

extension LogPosition {
    /// Reads the server's form, two hexadecimal halves with a slash: `16/B374D848`.
    package init?(lsn text: some StringProtocol) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        // `UInt32` accepts a sign before the digits, which the server never prints.
        guard halves.count == 2, halves.allSatisfy({ $0.first?.isHexDigit == true }),
            let high = UInt32(halves[0], radix: 16), let low = UInt32(halves[1], radix: 16)
        else { return nil }
        self.init(number: UInt64(high) << 32 | UInt64(low))
    }
}
