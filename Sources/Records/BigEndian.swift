extension [UInt8] {
    /// The bytes of a number in network byte order, as PostgreSQL's protocols have it.
    package init(bigEndian number: some FixedWidthInteger) {
        self = []
        append(bigEndian: number)
    }

    /// Appends the bytes of a number, its highest byte first.
    package mutating func append(bigEndian number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
