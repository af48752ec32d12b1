/// The values of one statement's parameters, packed so that sending them costs no allocation a value: all bytes in one
/// array, and where each begins. A value is text, closed by a NUL, or an array of texts in the server's binary form.
package struct ParameterBuffer: ~Copyable {
    private var bytes: [UInt8] = []
    private var values: [Value] = []

    private struct Value {
        /// Negative for NULL.
        let start: Int
        var length: Int
        let isBinary: Bool
    }

    package init() {
        bytes.reserveCapacity(4096)
        values.reserveCapacity(64)
    }

    package var count: Int { values.count }

    package var byteCount: Int { bytes.count }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    package mutating func appendNull() { values.append(Value(start: -1, length: 0, isBinary: false)) }

    /// Appends a value as the server's text form. A NUL cannot stand in it: the server's text has none.
    package mutating func append(_ value: RawSpan) {
        values.append(Value(start: bytes.count, length: value.byteCount, isBinary: false))
        unsafe value.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        bytes.append(0)
    }

    package mutating func append(_ value: String) {
        values.append(Value(start: bytes.count, length: value.utf8.count, isBinary: false))
        bytes.append(contentsOf: value.utf8)
        bytes.append(0)
    }

    // MARK: Arrays of texts (server file src/backend/utils/adt/arrayfuncs.c, array_recv)

    /// The number of the type `text`, which is the same on every server.
    private static let textOID: UInt32 = 25

    /// Begins an array of so many elements, each of which must follow.
    package mutating func beginArray(count: Int) {
        values.append(Value(start: bytes.count, length: 0, isBinary: true))
        // One dimension, nulls allowed, the element's type, how many, counted from one.
        for number in [1, 1, Self.textOID, UInt32(truncatingIfNeeded: count), 1] { appendInteger(number) }
    }

    package mutating func appendNullElement() { appendInteger(UInt32.max) }

    /// Appends an element as it is: in the binary form nothing is quoted.
    package mutating func appendElement(_ value: UnsafeRawBufferPointer) {
        appendInteger(UInt32(truncatingIfNeeded: value.count))
        unsafe bytes.append(contentsOf: value)
    }

    package mutating func endArray() {
        values[values.count - 1].length = bytes.count - values[values.count - 1].start
    }

    private mutating func appendInteger(_ number: UInt32) {
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// Lends, for the length of the call, a pointer a value (null for NULL), its length, and 1 where it is binary.
    func withPointers<R>(
        _ body: (
            UnsafeBufferPointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> R
    ) -> R {
        let lengths = values.map { Int32(truncatingIfNeeded: $0.length) }
        let formats = values.map { $0.isBinary ? Int32(1) : 0 }
        return unsafe bytes.withUnsafeBytes { raw in
            unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: values.count) {
                pointers in
                for index in values.indices {
                    // Each start was noted when its bytes were appended, so it lies inside the array.
                    let value: UnsafePointer<CChar>? =
                        values[index].start < 0
                        ? nil
                        : unsafe (raw.baseAddress! + values[index].start).assumingMemoryBound(to: CChar.self)
                    unsafe pointers.initializeElement(at: index, to: value)
                }
                return unsafe lengths.withUnsafeBufferPointer { lengths in
                    unsafe formats.withUnsafeBufferPointer { formats in
                        unsafe body(
                            UnsafeBufferPointer(pointers), lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
