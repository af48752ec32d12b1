/// Where a column's value lies in a window's arena, or why there is none.
struct ValueCell {
    /// Negative lengths are no lengths: see `null` and `unchanged`.
    var start: Int32
    var length: Int32

    static let null = ValueCell(start: 0, length: -1)
    static let unchanged = ValueCell(start: 0, length: -2)

    var isNull: Bool { length == -1 }
    var isUnchanged: Bool { length == -2 }
}

/// The values of a window's rows in one growing array of bytes, so that taking a change allocates nothing.
struct ValueArena {
    private(set) var bytes: [UInt8] = []
    private(set) var cells: [ValueCell] = []

    private static let reservedBytes = 4 << 20
    /// A larger array, as a very large value leaves it, is given back when the window is written.
    private static let keptBytesMax = 48 << 20

    init() {
        bytes.reserveCapacity(Self.reservedBytes)
        cells.reserveCapacity(1 << 16)
    }

    mutating func removeAll() {
        if bytes.capacity > Self.keptBytesMax {
            bytes = []
            bytes.reserveCapacity(Self.reservedBytes)
        } else {
            bytes.removeAll(keepingCapacity: true)
        }
        cells.removeAll(keepingCapacity: true)
    }

    /// Reads a tuple off the message into cells that follow each other; returns the first one's index.
    mutating func takeTuple(_ cursor: inout MessageCursor, _ message: RawSpan, columns: Int)
        throws(MalformedMessage)
        -> Int
    {
        let first = cells.count
        let count = Int(try cursor.uint16(in: message))
        guard count == columns else {
            throw MalformedMessage(offset: cursor.offset - 2, expected: "as many columns as the relation has")
        }
        for _ in 0..<count {
            switch try cursor.byte(in: message) {
            case UInt8(ascii: "n"): cells.append(.null)
            case UInt8(ascii: "u"): cells.append(.unchanged)
            case UInt8(ascii: "t"):
                let length = Int(try cursor.uint32(in: message))
                let range = try cursor.bytes(length, in: message)
                cells.append(
                    ValueCell(
                        start: Int32(truncatingIfNeeded: bytes.count),
                        length: Int32(truncatingIfNeeded: length)))
                // The cursor has checked the range; the bytes are copied within this call.
                unsafe message.withUnsafeBytes { unsafe bytes.append(contentsOf: $0[range]) }
            default:
                throw MalformedMessage(offset: cursor.offset - 1, expected: "a column kind n, u or t")
            }
        }
        return first
    }

    mutating func set(_ index: Int, to cell: ValueCell) { cells[index] = cell }

    /// A hash of some cells of a tuple, the same for equal values.
    func hash(_ first: Int, _ indexes: [Int]) -> UInt64 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        for index in indexes {
            let cell = cells[first + index]
            hash = (hash ^ UInt64(bitPattern: Int64(cell.length))) &* 0xFF51_AFD7_ED55_8CCD
            guard cell.length > 0 else { continue }
            let start = Int(cell.start)
            // The cell's range lies inside the array.
            unsafe bytes.withUnsafeBytes { raw in
                var offset = start
                let end = start + Int(cell.length)
                while offset + 8 <= end {
                    hash =
                        unsafe (hash ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                        &* 0x9FB2_1C65_1E98_DF25
                    hash ^= hash >> 29
                    offset += 8
                }
                while offset < end {
                    hash = unsafe (hash ^ UInt64(raw[offset])) &* 0x0000_0100_0000_01B3
                    offset += 1
                }
            }
            hash ^= hash >> 32
        }
        return hash
    }

    /// Whether two tuples have the same values in these columns.
    func equal(_ left: Int, _ right: Int, _ indexes: [Int]) -> Bool {
        for index in indexes {
            let (a, b) = (cells[left + index], cells[right + index])
            guard a.length == b.length else { return false }
            guard a.length > 0 else { continue }
            let same = unsafe bytes.withUnsafeBytes { raw in
                // Both ranges lie inside the array.
                unsafe raw[Int(a.start)..<Int(a.start + a.length)].elementsEqual(
                    raw[Int(b.start)..<Int(b.start + b.length)])
            }
            if !same { return false }
        }
        return true
    }
}
