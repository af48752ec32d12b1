/// The type of the elements of an array that carries a column's values.
///
/// A whole number or a time travels as the server keeps it, so that the server need not read it off a text for every row;
/// every other value travels as the origin printed it. Only types whose text has one form, and whose binary form is the same
/// on every server, are here (server files src/backend/utils/adt/int.c, int8.c, date.c and timestamp.c).
package enum ElementType: Sendable, Hashable {
    case text, int2, int4, int8, date, timestamp, timestampTZ

    var isInteger: Bool { self == .int2 || self == .int4 || self == .int8 }

    /// The type's number, which is the same on every server (server file src/include/catalog/pg_type.dat).
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

    /// What a column's values travel as, by the name its type has in the catalog.
    init(columnType: String) {
        switch columnType {
        case "smallint": self = .int2
        case "integer": self = .int4
        case "bigint": self = .int8
        case "date": self = .date
        // With digits of a second between the two words, or without; an array ends otherwise.
        case _ where columnType.hasPrefix("timestamp") && columnType.hasSuffix(" without time zone"):
            self = .timestamp
        case _ where columnType.hasPrefix("timestamp") && columnType.hasSuffix(" with time zone"):
            self = .timestampTZ
        default: self = .text
        }
    }
}

extension ValueArena {
    /// Packs a column of several tuples, each named by its first cell, as an array; false, and the array is not whole, where
    /// a value does not fit the type it is to travel as.
    func append(
        _ column: Int, of tuples: [Int], as type: ElementType, to parameters: inout ParameterBuffer
    ) -> Bool {
        parameters.beginArray(of: type, count: tuples.count)
        for first in tuples {
            let cell = self[first + column]
            if cell.length < 0 {
                parameters.appendNullElement()
            } else if type == .text {
                // The arena is not touched meanwhile.
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
    /// Appends a number or a time that is written in text, in its binary form; false, and nothing is appended, where the text
    /// is none that fits the type, as an origin whose column is of another type may send it.
    @unsafe mutating func appendElement(_ text: UnsafeRawBufferPointer, as type: ElementType) -> Bool {
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

/// The number a text of digits stands for, with a minus before them where it is negative; nil for every other text.
@unsafe func wholeNumber(_ text: UnsafeRawBufferPointer) -> Int64? {
    var index = 0
    // In bounds: each index is looked at after its bound.
    let isNegative = unsafe text.count > 0 && text[0] == UInt8(ascii: "-")
    if isNegative { index = 1 }
    // Nineteen digits may be too many, and are found out; more always are.
    guard text.count > index, text.count - index <= 19 else { return nil }
    if text.count - index <= 18 { return unsafe shortNumber(text, from: index, isNegative: isNegative) }
    var number: Int64 = 0
    while index < text.count {
        let digit = unsafe Int64(text[index]) - 48
        guard digit >= 0, digit <= 9 else { return nil }
        let (tenfold, isOver) = number.multipliedReportingOverflow(by: 10)
        // Counted down, for there is one negative number more than there are positive ones.
        let (next, isOverToo) = tenfold.subtractingReportingOverflow(digit)
        guard !isOver, !isOverToo else { return nil }
        number = next
        index += 1
    }
    if isNegative { return number }
    let (positive, isOver) = Int64.zero.subtractingReportingOverflow(number)
    return isOver ? nil : positive
}

/// The same of eighteen digits at most, which no sum of theirs exceeds.
@inline(__always)
@unsafe private func shortNumber(_ text: UnsafeRawBufferPointer, from first: Int, isNegative: Bool) -> Int64?
{
    var number: Int64 = 0
    for index in first..<text.count {
        // In bounds: the range. What is below 0 wraps around, and is more than 9.
        let digit = unsafe text[index] &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        number = number &* 10 &+ Int64(digit)
    }
    return isNegative ? -number : number
}
