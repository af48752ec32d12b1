extension [UInt8] {
    /// The bytes of a number in network byte order, as PostgreSQL's protocols have it.
    package init(bigEndian number: some FixedWidthInteger) {
        self = stride(from: number.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: number >> $0)
        }
    }
}
