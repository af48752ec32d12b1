/// The text values of one statement's parameters, packed so that sending a change costs no
/// allocation a value: every value's bytes with a closing NUL in one array, and where each starts.
package struct ParameterBuffer: ~Copyable {
    private var bytes: [UInt8] = []
    private var starts: [Int] = []

    package init() {
        bytes.reserveCapacity(4096)
        starts.reserveCapacity(64)
    }

    package var count: Int { starts.count }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
    }

    package mutating func appendNull() { starts.append(-1) }

    /// Appends a value as the server's text form. A NUL cannot stand in it: the server's text has none.
    package mutating func append(_ value: RawSpan) {
        starts.append(bytes.count)
        unsafe value.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        bytes.append(0)
    }

    package mutating func append(_ value: String) {
        starts.append(bytes.count)
        bytes.append(contentsOf: value.utf8)
        bytes.append(0)
    }

    // MARK: Arrays (manual section "Array Input and Output Syntax")

    package mutating func beginArray() {
        starts.append(bytes.count)
        bytes.append(UInt8(ascii: "{"))
    }

    package mutating func appendNullElement() {
        separate()
        for letter: UInt8 in [0x4E, 0x55, 0x4C, 0x4C] { bytes.append(letter) }
    }

    /// Appends an element in quotes, so that no value is taken for NULL or loses its blanks.
    package mutating func appendElement(_ value: UnsafeRawBufferPointer) {
        separate()
        bytes.append(0x22)
        var rest = unsafe value[...]
        // Runs without a quote or a backslash are copied whole.
        while let special = unsafe rest.firstIndex(where: { $0 == 0x22 || $0 == 0x5C }) {
            unsafe bytes.append(contentsOf: rest[rest.startIndex..<special])
            bytes.append(0x5C)
            unsafe bytes.append(value[special])
            unsafe rest = unsafe rest[(special + 1)...]
        }
        unsafe bytes.append(contentsOf: rest)
        bytes.append(0x22)
    }

    package mutating func endArray() {
        bytes.append(UInt8(ascii: "}"))
        bytes.append(0)
    }

    private mutating func separate() {
        if bytes.last != UInt8(ascii: "{") || bytes.count - 1 != starts.last {
            bytes.append(UInt8(ascii: ","))
        }
    }

    package var byteCount: Int { bytes.count }

    /// Lends one pointer a value, null for NULL, for the length of the call.
    func withPointers<R>(_ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> R) -> R {
        unsafe bytes.withUnsafeBytes { raw in
            unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: starts.count) {
                pointers in
                for index in starts.indices {
                    // Each start was noted when its bytes were appended, so it lies inside the array.
                    let value: UnsafePointer<CChar>? =
                        starts[index] < 0
                        ? nil : unsafe (raw.baseAddress! + starts[index]).assumingMemoryBound(to: CChar.self)
                    unsafe pointers.initializeElement(at: index, to: value)
                }
                return unsafe body(UnsafeBufferPointer(pointers))
            }
        }
    }
}
