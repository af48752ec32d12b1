import Foundation

/// The forms of times in output and logs, in UTC.
package enum UTCTime {
    /// `2026-01-31 10:00:00`
    package static func seconds(_ seconds: Double) -> String {
        var clock = time_t(seconds.rounded(.down))
        // Sound: `tm` counts as unsafe because of its pointer to a zone name, which is not read here. Both
        // pointers live for the call; gmtime_r writes only into `parts`.
        var parts = unsafe tm()
        unsafe gmtime_r(&clock, &parts)
        let fields = unsafe [parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec].map(
            twoDigits)
        let year = unsafe parts.tm_year + 1900
        return "\(year)-\(fields[0])-\(fields[1]) \(fields[2]):\(fields[3]):\(fields[4])"
    }

    /// `2026-01-31 10:00:00.123456`
    package static func withMicroseconds(_ time: Double) -> String {
        let whole = time.rounded(.down)
        let micros = String(min(999_999, Int((time - whole) * 1_000_000)))
        return seconds(whole) + "." + String(repeating: "0", count: 6 - micros.count) + micros
    }

    /// `2026-01-31T10:00:00.123456Z` (RFC 3339), for scripts.
    package static func standard(_ time: Double) -> String {
        withMicroseconds(time).replacing(" ", with: "T") + "Z"
    }

    private static func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
