/// The values of one statement's parameters, packed in one block with the start of each, so that sending
/// needs no allocation per value. A value is text with a NUL at its end, or an array in the server's binary
/// form.
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
    /// Size above which the next statement replaces the block by a small one; a very large value makes it so
    /// large.
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

    /// Appends a value in the server's text form, which never has a NUL.
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

    /// Begins an array of `count` elements of a type, all of which must follow.
    package mutating func beginArray(of type: ElementType, count: Int) {
        values.append(Value(start: filled, length: 0, isBinary: true))
        // One dimension, nulls allowed, the element's type, the count, the lower bound.
        for number in [1, 1, type.oid, UInt32(truncatingIfNeeded: count), 1] { appendInteger(number) }
    }

    package mutating func appendNullElement() { appendInteger(UInt32.max) }

    /// Appends an element unchanged: in the binary form nothing is quoted.
    @unsafe package mutating func appendElement(_ value: UnsafeRawBufferPointer) {
        makeRoom(4 + value.count)
        put(UInt32(truncatingIfNeeded: value.count))
        unsafe put(value)
    }

    /// Appends a number as an element, in network byte order.
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

    /// Puts a number; the caller has made room for it.
    @inline(__always)
    private mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        // Sound: the caller has made room for it.
        unsafe bytes.storeBytes(of: number.bigEndian, toByteOffset: filled, as: Number.self)
        filled += MemoryLayout<Number>.size
    }

    /// Copies bytes; the caller has made room for them.
    @unsafe private mutating func put(_ source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress else { return }
        // Sound: the caller has made room for them.
        unsafe (bytes.baseAddress! + filled).copyMemory(from: start, byteCount: source.count)
        filled += source.count
    }

    private mutating func makeRoom(_ count: Int) {
        guard capacity - filled < count else { return }
        // At least doubled; a very large block grows only by what is needed.
        let doubled = capacity <= Self.keptBytesMax ? capacity * 2 : 0
        let grown = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(doubled, filled + count), alignment: 16)
        // The new block is the larger one.
        unsafe grown.baseAddress!.copyMemory(from: bytes.baseAddress!, byteCount: filled)
        unsafe bytes.deallocate()
        unsafe bytes = grown
    }

    /// Lends, for the length of the call, a pointer to each value (null for NULL), the lengths, and the
    /// formats (1 for binary).
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
                // Each start was noted when its bytes were put, so it is inside the block.
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
