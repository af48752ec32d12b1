import Glibc
import Records

/// The position of a column's value in a window's arena, or the reason why there is none.
struct ValueCell {
    var start: Int32
    /// Negative for a cell without a value: see `null` and `unchanged`.
    var length: Int32

    static let null = ValueCell(start: 0, length: -1)
    static let unchanged = ValueCell(start: 0, length: -2)

    var isNull: Bool { length == -1 }
    var isUnchanged: Bool { length == -2 }
}

/// The values of a window's rows: their tuples in one growing block of bytes, and a block of cells. To take a
/// change allocates nothing.
///
/// The arena owns both blocks and frees them with itself. Every cell's range is inside the filled bytes.
@safe struct ValueArena: ~Copyable {
    private var bytes: UnsafeMutableRawBufferPointer
    private(set) var byteCount = 0
    private var cells: UnsafeMutableBufferPointer<ValueCell>
    private(set) var cellCount = 0

    // A count reads no memory of the block.
    private var byteCapacity: Int { unsafe bytes.count }
    private var cellCapacity: Int { unsafe cells.count }

    private static let reservedBytes = 4 << 20
    private static let reservedCells = 1 << 16
    /// A block larger than this, which a very large value has caused, is freed when the window is written.
    private static let keptBytesMax = 48 << 20

    init() {
        // Both blocks are owned from here on.
        unsafe bytes = .allocate(byteCount: Self.reservedBytes, alignment: 16)
        unsafe cells = .allocate(capacity: Self.reservedCells)
    }

    deinit {
        // The only owner goes.
        unsafe bytes.deallocate()
        unsafe cells.deallocate()
    }

    /// Bytes in use, cells included.
    var usedBytes: Int { byteCount + cellCount * MemoryLayout<ValueCell>.size }

    mutating func removeAll() {
        if byteCapacity > Self.keptBytesMax {
            // The old block is not used any more.
            unsafe bytes.deallocate()
            unsafe bytes = .allocate(byteCount: Self.reservedBytes, alignment: 16)
        }
        byteCount = 0
        cellCount = 0
    }

    subscript(_ cell: Int) -> ValueCell {
        get {
            precondition(cell >= 0 && cell < cellCount, "a cell that was taken")
            // The precondition keeps the index in bounds.
            return unsafe cells[cell]
        }
        set {
            precondition(cell >= 0 && cell < cellCount, "a cell that was taken")
            // The precondition keeps the index in bounds.
            unsafe cells[cell] = newValue
        }
    }

    /// Returns the bytes of a cell with a value; valid until the arena is changed.
    @unsafe func value(_ cell: ValueCell) -> UnsafeRawBufferPointer {
        // The cell's range is inside the filled bytes.
        unsafe UnsafeRawBufferPointer(start: bytes.baseAddress! + Int(cell.start), count: Int(cell.length))
    }

    private mutating func growBytes(by count: Int) {
        // At least doubled, up to a bound; beyond it, only what is needed.
        let doubled = byteCapacity <= Self.keptBytesMax ? byteCapacity * 2 : 0
        let grown = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(doubled, byteCount + count), alignment: 16)
        // The new block is the larger one.
        unsafe grown.baseAddress!.copyMemory(from: bytes.baseAddress!, byteCount: byteCount)
        unsafe bytes.deallocate()
        unsafe bytes = grown
    }

    private mutating func growCells(by count: Int) {
        let grown = UnsafeMutableBufferPointer<ValueCell>.allocate(
            capacity: max(cellCapacity * 2, cellCount + count))
        // The new block is the larger one.
        unsafe grown.baseAddress!.update(from: cells.baseAddress!, count: cellCount)
        unsafe cells.deallocate()
        unsafe cells = grown
    }

    /// Reads a tuple of the message into consecutive cells; returns the index of the first one. The tuple is
    /// copied as a whole, with the kinds and lengths between the values: one copy for each value would take
    /// longer.
    mutating func takeTuple(_ cursor: inout MessageCursor, _ message: RawSpan, columns: Int)
        throws(MalformedMessage)
        -> Int
    {
        let first = cellCount
        var at = cursor
        let count = Int(try at.uint16(in: message))
        guard count == columns else {
            throw MalformedMessage(offset: at.offset - 2, expected: "as many columns as the relation has")
        }
        if cellCapacity - cellCount < count { growCells(by: count) }
        let tuple = at.offset
        // A value's position here minus its position in the message.
        let shift = byteCount - tuple
        for index in first..<(first + count) {
            let cell: ValueCell
            switch try at.byte(in: message) {
            case ValueKind.null: cell = .null
            case ValueKind.unchanged: cell = .unchanged
            case ValueKind.text:
                let length = Int(try at.uint32(in: message))
                let start = try at.bytes(length, in: message).lowerBound
                cell = ValueCell(
                    start: Int32(truncatingIfNeeded: start + shift),
                    length: Int32(truncatingIfNeeded: length))
            default:
                throw MalformedMessage(offset: at.offset - 1, expected: "a column kind n, u or t")
            }
            // The cells were grown to `first + count`.
            unsafe cells[index] = cell
        }
        let taken = at.offset - tuple
        // A window's bound and the largest message together are far below this. Beyond it a cell's 32 bits
        // would overflow.
        precondition(byteCount + taken <= Int(Int32.max), "a window has less than 2 GiB")
        if byteCapacity - byteCount < taken { growBytes(by: taken) }
        // The cursor has checked the range in the message, and the block has room for it.
        unsafe message.withUnsafeBytes { raw in
            unsafe (bytes.baseAddress! + byteCount).copyMemory(
                from: raw.baseAddress! + tuple, byteCount: taken)
        }
        byteCount += taken
        cellCount += count
        cursor = at
        return first
    }

    /// Returns a hash of some cells of a tuple; equal values have equal hashes.
    func hash(_ first: Int, _ indexes: [Int]) -> UInt64 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        for index in indexes {
            let cell = self[first + index]
            hash = (hash ^ UInt64(bitPattern: Int64(cell.length))) &* 0xFF51_AFD7_ED55_8CCD
            guard cell.length > 0 else { continue }
            // The cell's range is inside the filled bytes, and each read inside that range.
            let raw = unsafe value(cell)
            var offset = 0
            while offset + 8 <= raw.count {
                hash =
                    unsafe (hash ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                    &* 0x9FB2_1C65_1E98_DF25
                hash ^= hash >> 29
                offset += 8
            }
            while offset < raw.count {
                hash = unsafe (hash ^ UInt64(raw[offset])) &* 0x0000_0100_0000_01B3
                offset += 1
            }
            hash ^= hash >> 32
        }
        return hash
    }

    /// Whether two tuples have the same values in these columns.
    func equal(_ left: Int, _ right: Int, _ indexes: [Int]) -> Bool {
        for index in indexes where !isSame(self[left + index], self[right + index]) { return false }
        return true
    }

    /// Whether two tuples have the same values in all columns that were sent for both.
    func agree(_ left: Int, _ right: Int, columns: Int) -> Bool {
        for index in 0..<columns {
            let (a, b) = (self[left + index], self[right + index])
            guard a.isUnchanged || b.isUnchanged || isSame(a, b) else { return false }
        }
        return true
    }

    @inline(__always)
    private func isSame(_ a: ValueCell, _ b: ValueCell) -> Bool {
        guard a.length == b.length else { return false }
        // Both ranges are inside the filled bytes.
        return unsafe a.length <= 0
            || memcmp(value(a).baseAddress!, value(b).baseAddress!, Int(a.length)) == 0
    }
}
