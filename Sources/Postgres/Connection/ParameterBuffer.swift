/// The values of one statement's parameters, packed so that sending them costs no allocation a value: all bytes in one
/// block of its own, and where each begins. A value is text, closed by a NUL, or an array in the server's binary form.
@safe package struct ParameterBuffer: ~Copyable {
    private var bytes: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var values: [Value] = []

    private struct Value {
        /// Negative for NULL.
        let start: Int
        var length: Int
        let isBinary: Bool
    }

    private var capacity: Int { unsafe bytes.count }

    private static let reservedBytes = 4096
    /// A larger block, as a very large value leaves it, is given back with the next statement.
    private static let keptBytesMax = 16 << 20

    package init() {
        unsafe bytes = .allocate(byteCount: Self.reservedBytes, alignment: 16)
        values.reserveCapacity(64)
    }

    deinit { unsafe bytes.deallocate() }

    package var count: Int { values.count }

    package var byteCount: Int { filled }

    package mutating func removeAll() {
        if capacity > Self.keptBytesMax {
            unsafe bytes.deallocate()
            unsafe bytes = .allocate(byteCount: Self.reservedBytes, alignment: 16)
        }
        filled = 0
        values.removeAll(keepingCapacity: true)
    }

    package mutating func appendNull() { values.append(Value(start: -1, length: 0, isBinary: false)) }

    /// Appends a value as the server's text form. A NUL cannot stand in it: the server's text has none.
    package mutating func append(_ value: RawSpan) {
        // The bytes are copied within the call.
        unsafe value.withUnsafeBytes { unsafe appendText($0) }
    }

    package mutating func append(_ value: String) {
        var value = value
        // The bytes are copied within the call.
        value.withUTF8 { unsafe appendText(UnsafeRawBufferPointer($0)) }
    }

    @unsafe private mutating func appendText(_ text: UnsafeRawBufferPointer) {
        values.append(Value(start: filled, length: text.count, isBinary: false))
        makeRoom(text.count + 1)
        unsafe put(text)
        unsafe bytes[filled] = 0
        filled += 1
    }

    // MARK: Arrays (server file src/backend/utils/adt/arrayfuncs.c, array_recv)

    /// Begins an array of so many elements of a type, each of which must follow.
    package mutating func beginArray(of type: ElementType, count: Int) {
        values.append(Value(start: filled, length: 0, isBinary: true))
        // One dimension, nulls allowed, the element's type, how many, counted from one.
        for number in [1, 1, type.oid, UInt32(truncatingIfNeeded: count), 1] { appendInteger(number) }
    }

    package mutating func appendNullElement() { appendInteger(UInt32.max) }

    /// Appends an element as it is: in the binary form nothing is quoted.
    @unsafe package mutating func appendElement(_ value: UnsafeRawBufferPointer) {
        makeRoom(4 + value.count)
        put(UInt32(truncatingIfNeeded: value.count))
        unsafe put(value)
    }

    /// Appends an element of a number's width, in the network's order of bytes.
    package mutating func appendElement<Number: FixedWidthInteger>(_ number: Number) {
        makeRoom(4 + MemoryLayout<Number>.size)
        put(UInt32(MemoryLayout<Number>.size))
        put(number)
    }

    package mutating func endArray() {
        values[values.count - 1].length = filled - values[values.count - 1].start
    }

    private mutating func appendInteger<Number: FixedWidthInteger>(_ number: Number) {
        makeRoom(MemoryLayout<Number>.size)
        put(number)
    }

    /// Puts a number for which there is room.
    @inline(__always)
    private mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        // There is room for it.
        unsafe bytes.storeBytes(of: number.bigEndian, toByteOffset: filled, as: Number.self)
        filled += MemoryLayout<Number>.size
    }

    /// Copies bytes for which there is room.
    @unsafe private mutating func put(_ source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress else { return }
        unsafe (bytes.baseAddress! + filled).copyMemory(from: start, byteCount: source.count)
        filled += source.count
    }

    private mutating func makeRoom(_ count: Int) {
        guard capacity - filled < count else { return }
        // Twice as much at least, but no more than is asked for where that is very much.
        let doubled = capacity <= Self.keptBytesMax ? capacity * 2 : 0
        let grown = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(doubled, filled + count), alignment: 16)
        // The new block is the larger one.
        unsafe grown.baseAddress!.copyMemory(from: bytes.baseAddress!, byteCount: filled)
        unsafe bytes.deallocate()
        unsafe bytes = grown
    }

    /// Lends, for the length of the call, a pointer a value (null for NULL), its length, and 1 where it is binary.
    func withPointers<R>(
        _ body: (
            UnsafeBufferPointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> R
    ) -> R {
        let lengths = values.map { Int32(truncatingIfNeeded: $0.length) }
        let formats = values.map { $0.isBinary ? Int32(1) : 0 }
        return unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: values.count) {
            pointers in
            for index in values.indices {
                // Each start was noted when its bytes were put, so it lies inside the block.
                let value: UnsafePointer<CChar>? =
                    values[index].start < 0
                    ? nil
                    : unsafe UnsafePointer(
                        (bytes.baseAddress! + values[index].start).assumingMemoryBound(to: CChar.self))
                unsafe pointers.initializeElement(at: index, to: value)
            }
            return unsafe lengths.withUnsafeBufferPointer { lengths in
                unsafe formats.withUnsafeBufferPointer { formats in
                    unsafe body(UnsafeBufferPointer(pointers), lengths.baseAddress, formats.baseAddress)
                }
            }
        }
    }
}
