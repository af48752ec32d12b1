/// The type of the elements of an array with a column's values.
///
/// Whole numbers and times are sent in binary form, so that the server need not parse a text for every row.
/// Every other value is sent as the origin printed it. Listed are only types with one text form and a binary
/// form that is the same on every server (server files src/backend/utils/adt/int.c, int8.c, date.c and
/// timestamp.c).
package enum ElementType: Sendable, Hashable {
    case text, int2, int4, int8, date, timestamp, timestampTZ

    var isInteger: Bool { self == .int2 || self == .int4 || self == .int8 }

    /// The type's OID, which is the same on every server (server file src/include/catalog/pg_type.dat).
    package var oid: UInt32 {
        switch self {
        case .text: 25
        case .int2: 21
        case .int4: 23
        case .int8: 20
        case .date: 1082
        case .timestamp: 1114
        case .timestampTZ: 1184
        }
    }

    var arrayName: String {
        switch self {
        case .text: "text[]"
        case .int2: "int2[]"
        case .int4: "int4[]"
        case .int8: "int8[]"
        case .date: "date[]"
        case .timestamp: "timestamp[]"
        case .timestampTZ: "timestamptz[]"
        }
    }

    /// Returns the element type for a column, by its type's name in the catalog.
    init(columnType: String) {
        switch columnType {
        case "smallint": self = .int2
        case "integer": self = .int4
        case "bigint": self = .int8
        case "date": self = .date
        // The two words may have a precision between them; the name of an array ends differently.
        case _ where columnType.hasPrefix("timestamp") && columnType.hasSuffix(" without time zone"):
            self = .timestamp
        case _ where columnType.hasPrefix("timestamp") && columnType.hasSuffix(" with time zone"):
            self = .timestampTZ
        default: self = .text
        }
    }
}

extension ValueArena {
    /// Packs a column of several tuples as an array; returns false, with the array incomplete, if a value
    /// does not fit its type.
    ///
    /// - Parameter tuples: the indexes of their first cells
    func append(
        _ column: Int, of tuples: [Int], as type: ElementType, to parameters: inout ParameterBuffer
    ) -> Bool {
        parameters.beginArray(of: type, count: tuples.count)
        for first in tuples {
            let cell = self[first + column]
            if cell.length < 0 {
                parameters.appendNullElement()
            } else if type == .text {
                // The value's bytes are valid because the arena does not change here.
                unsafe parameters.appendElement(value(cell))
            } else if unsafe !parameters.appendElement(value(cell), as: type) {
                return false
            }
        }
        parameters.endArray()
        return true
    }
}

extension ParameterBuffer {
    /// Appends the binary form of a number or time that is given as text. Returns false and appends nothing
    /// if the text does not fit the type: the origin's column may have another type.
    @unsafe mutating func appendElement(_ text: UnsafeRawBufferPointer, as type: ElementType) -> Bool {
        // The caller's bytes are valid for the call, and each reader below keeps inside them.
        switch type {
        case .int2:
            guard let number = unsafe wholeNumber(text).flatMap({ Int16(exactly: $0) }) else { return false }
            appendElement(number)
        case .int4:
            guard let number = unsafe wholeNumber(text).flatMap({ Int32(exactly: $0) }) else { return false }
            appendElement(number)
        case .int8:
            guard let number = unsafe wholeNumber(text) else { return false }
            appendElement(number)
        case .date:
            guard let days = unsafe TimeText(text).date else { return false }
            appendElement(days)
        case .timestamp:
            guard let microseconds = unsafe TimeText(text).timestamp else { return false }
            appendElement(microseconds)
        case .timestampTZ:
            guard let microseconds = unsafe TimeText(text).timestampTZ else { return false }
            appendElement(microseconds)
        case .text: return false
        }
        return true
    }
}

/// Returns the number of a text of digits, with a minus in front if it is negative; nil for every other text.
@unsafe func wholeNumber(_ text: UnsafeRawBufferPointer) -> Int64? {
    var index = 0
    // Every index is compared with the count before it is used.
    let isNegative = unsafe text.count > 0 && text[0] == UInt8(ascii: "-")
    if isNegative { index = 1 }
    // Nineteen digits may overflow, which is detected below; more always do.
    guard text.count > index, text.count - index <= 19 else { return nil }
    if text.count - index <= 18 { return unsafe shortNumber(text, from: index, isNegative: isNegative) }
    var number: Int64 = 0
    while index < text.count {
        // The loop's condition keeps the index in bounds.
        let digit = unsafe Int64(text[index]) - 48
        guard digit >= 0, digit <= 9 else { return nil }
        let (tenfold, isOver) = number.multipliedReportingOverflow(by: 10)
        // The number is built as a negative one: there is one more of them than of positive ones.
        let (next, isOverToo) = tenfold.subtractingReportingOverflow(digit)
        guard !isOver, !isOverToo else { return nil }
        number = next
        index += 1
    }
    if isNegative { return number }
    let (positive, isOver) = Int64.zero.subtractingReportingOverflow(number)
    return isOver ? nil : positive
}

/// Returns the number of at most eighteen digits, which cannot overflow.
@inline(__always)
@unsafe private func shortNumber(_ text: UnsafeRawBufferPointer, from first: Int, isNegative: Bool) -> Int64?
{
    var number: Int64 = 0
    for index in first..<text.count {
        // The range keeps the index in bounds. A byte below "0" wraps around and is more than 9.
        let digit = unsafe text[index] &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        number = number &* 10 &+ Int64(digit)
    }
    return isNegative ? -number : number
}
