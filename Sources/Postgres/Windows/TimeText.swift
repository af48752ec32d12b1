/// Reads dates and times as a server writes them under `datestyle = ISO` and `timezone = UTC`: `2026-11-26`, and after a blank
/// `19:20:05`, to microseconds where there are any, with `+00` behind it where the type has a zone.
///
/// Everything else is for the server to read: infinities, years before Christ or of more than four digits, times of other
/// zones, days there are not. What comes out is the binary form (server files src/backend/utils/adt/date.c and timestamp.c,
/// `date_recv` and `timestamptz_recv`), counted from 2000-01-01.
@unsafe struct TimeText {
    private let text: UnsafeRawBufferPointer

    init(_ text: UnsafeRawBufferPointer) { unsafe self.text = text }

    /// Days.
    var date: Int32? { unsafe text.count == 10 ? days : nil }

    /// Microseconds.
    var timestamp: Int64? { unsafe microseconds(upTo: text.count) }

    /// The same of a text that says it is of UTC.
    var timestampTZ: Int64? {
        let end = unsafe text.count - 3
        guard end >= 19 else { return nil }
        // In bounds: the text is longer than that.
        let isUTC =
            unsafe text[end] == UInt8(ascii: "+") && text[end + 1] == UInt8(ascii: "0")
            && text[end + 2] == UInt8(ascii: "0")
        return unsafe isUTC ? microseconds(upTo: end) : nil
    }

    /// Days to a date at the beginning of the text, which has ten bytes at least.
    private var days: Int32? {
        guard let year = unsafe number(0, 4), let month = unsafe number(5, 2), let day = unsafe number(8, 2),
            unsafe text[4] == UInt8(ascii: "-"), unsafe text[7] == UInt8(ascii: "-"),
            year >= 1, month >= 1, month <= 12, day >= 1,
            unsafe day <= Self.days(inMonth: month, of: year)
        else { return nil }
        // The year begins in March, so that the leap day is its last: a month's first day is then a line with steps.
        let (shiftedYear, shiftedMonth) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let days = shiftedYear * 365 + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400 + dayOfYear
        return unsafe Int32(days - Self.daysTo2000)
    }

    /// From 1 March of the year 0 on.
    private static let daysTo2000 = 730_425

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private func microseconds(upTo end: Int) -> Int64? {
        guard end >= 19, end <= 26, let days = unsafe days, let hours = unsafe number(11, 2),
            let minutes = unsafe number(14, 2), let seconds = unsafe number(17, 2),
            unsafe text[10] == UInt8(ascii: " "), unsafe text[13] == UInt8(ascii: ":"),
            unsafe text[16] == UInt8(ascii: ":"), hours <= 23, minutes <= 59, seconds <= 59
        else { return nil }
        var fraction = 0
        if end > 19 {
            guard unsafe text[19] == UInt8(ascii: "."), end > 20, let digits = unsafe number(20, end - 20)
            else {
                return nil
            }
            fraction = digits
            for _ in end..<26 { fraction *= 10 }
        }
        let wholeSeconds = ((Int64(days) * 24 + Int64(hours)) * 60 + Int64(minutes)) * 60 + Int64(seconds)
        return wholeSeconds * 1_000_000 + Int64(fraction)
    }

    /// The number in so many bytes from `start` on, which are in the text; nil where one is no digit.
    private func number(_ start: Int, _ count: Int) -> Int? {
        var number = 0
        for index in start..<start + count {
            // In bounds: who asks has looked at the length.
            let digit = unsafe Int(text[index]) - 48
            guard digit >= 0, digit <= 9 else { return nil }
            number = number * 10 + digit
        }
        return number
    }
}
