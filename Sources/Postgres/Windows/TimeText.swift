/// The text of a date or time as a server writes it under `datestyle = ISO` and `timezone = UTC`:
/// `2026-11-26`, and after a blank `19:20:05`, with up to six digits of a second, and `+00` behind it if the
/// type has a zone.
///
/// Everything else is left to the server: infinities, years BC or of more than four digits, times of other
/// zones, days that do not exist. The values are those of the binary form (server files
/// src/backend/utils/adt/date.c and timestamp.c, `date_recv` and `timestamptz_recv`), counted from
/// 2000-01-01.
///
/// The bytes must be valid as long as the value is used; every read below is inside them.
@unsafe struct TimeText {
    private let text: UnsafeRawBufferPointer

    init(_ text: UnsafeRawBufferPointer) { unsafe self.text = text }

    /// The days since 2000-01-01.
    var date: Int32? { unsafe text.count == 10 ? days : nil }

    /// The microseconds since 2000-01-01.
    var timestamp: Int64? { unsafe microseconds(upTo: text.count) }

    /// The same for a text that ends in `+00`.
    var timestampTZ: Int64? {
        let end = unsafe text.count - 3
        guard end >= 19 else { return nil }
        // `end` is three bytes before the text's end.
        let isUTC =
            unsafe text[end] == UInt8(ascii: "+") && text[end + 1] == UInt8(ascii: "0")
            && text[end + 2] == UInt8(ascii: "0")
        return unsafe isUTC ? microseconds(upTo: end) : nil
    }

    /// The days of the date at the beginning of the text, which has at least ten bytes.
    private var days: Int32? {
        guard let year = unsafe number(0, 4), let month = unsafe number(5, 2), let day = unsafe number(8, 2),
            unsafe text[4] == UInt8(ascii: "-"), unsafe text[7] == UInt8(ascii: "-"),
            year >= 1, month >= 1, month <= 12, day >= 1,
            unsafe day <= Self.days(inMonth: month, of: year)
        else { return nil }
        // The year begins in March, so that the leap day is its last one: then a formula gives a month's
        // first day.
        let (shiftedYear, shiftedMonth) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let days = shiftedYear * 365 + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400 + dayOfYear
        return unsafe Int32(days - Self.daysTo2000)
    }

    /// Days from 1 March of the year 0 to 2000-01-01.
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

    /// Returns the number in `count` bytes from `start` on, which are inside the text; nil if one is not a
    /// digit.
    private func number(_ start: Int, _ count: Int) -> Int? {
        var number = 0
        for index in start..<start + count {
            // Every caller has checked the text's length.
            let digit = unsafe Int(text[index]) - 48
            guard digit >= 0, digit <= 9 else { return nil }
            number = number * 10 + digit
        }
        return number
    }
}
