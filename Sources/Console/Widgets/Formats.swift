// The forms of numbers and times. An unknown value is `--`, never 0.

package let unknown = "--"

package func integer(_ value: Int64?) -> String { value.map(String.init) ?? unknown }

/// yb-voyager's form of an export rate: `22133/sec`.
package func exportRate(_ value: Double?) -> String { value.map { "\(Int64($0.rounded()))/sec" } ?? unknown }

/// yb-voyager's form of an import rate: `14542 events/sec`.
package func importRate(_ value: Double?) -> String {
    value.map { "\(Int64($0.rounded())) events/sec" } ?? unknown
}

/// yb-voyager's form of a run's length: `0.83 mins`.
package func minutes(_ seconds: Double?) -> String {
    seconds.map { decimal($0 / 60, places: 2) + " mins" } ?? unknown
}

/// Returns a number such as `1.50`, independent of the locale.
package func decimal(_ value: Double, places: Int) -> String {
    var scale: Int64 = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int64((abs(value) * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if places == 0 { return sign + String(scaled) }
    return sign + "\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
}

/// The longest time that is written: about 30,000 years.
private let secondsMax = 1e12

/// Returns a length of time as `0.4s`, `42s`, `5m42s`, `3h12m`, `2d4h`.
package func duration(_ seconds: Double) -> String {
    // A time far beyond any plan is as good as its bound.
    let whole = Int64(min(max(0, seconds), secondsMax))
    switch whole {
    case ..<10: return seconds == seconds.rounded() ? "\(whole)s" : decimal(max(0, seconds), places: 1) + "s"
    case ..<60: return "\(whole)s"
    case ..<3600: return "\(whole / 60)m\(padded(whole % 60))s"
    case ..<86400: return "\(whole / 3600)h\(padded(whole % 3600 / 60))m"
    default: return "\(whole / 86400)d\(whole % 86400 / 3600)h"
    }
}

/// Returns a whole number of seconds as `01:47:09`.
package func stopwatch(_ seconds: Double) -> String {
    let whole = Int64(min(max(0, seconds), secondsMax))
    return "\(padded(whole / 3600)):\(padded(whole / 60 % 60)):\(padded(whole % 60))"
}

/// Returns a size in the largest fitting unit, such as `4.6 MiB`.
package func bytes(_ count: Int64?) -> String {
    guard let count else { return unknown }
    var value = Double(count)
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if value < 1024 { return (unit == "B" ? String(count) : decimal(value, places: 1)) + " " + unit }
        value /= 1024
    }
    return decimal(value, places: 1) + " TiB"
}

/// Returns the time of day of a moment, in the zone with that offset.
package func clock(_ moment: Double, utcOffset: Int) -> String {
    let seconds = Int64(moment.rounded(.down)) + Int64(utcOffset)
    let ofDay = ((seconds % 86400) + 86400) % 86400
    return stopwatch(Double(ofDay))
}

/// Returns the day and the time of a moment, in the zone with that offset: `2023-11-14 22:13`.
package func dateAndTime(_ moment: Double, utcOffset: Int) -> String {
    let seconds = Int64(moment.rounded(.down)) + Int64(utcOffset)
    // The days since 1 March of the year 0 of the Gregorian calendar, in its cycles of 400 years.
    let days = (seconds - (((seconds % 86400) + 86400) % 86400)) / 86400 + 719_468
    let ofCycle = ((days % 146_097) + 146_097) % 146_097
    let cycle = (days - ofCycle) / 146_097
    let yearOfCycle = (ofCycle - ofCycle / 1460 + ofCycle / 36_524 - ofCycle / 146_096) / 365
    let ofYear = ofCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let month = (5 * ofYear + 2) / 153
    let day = ofYear - (153 * month + 2) / 5 + 1
    let year = yearOfCycle + cycle * 400 + (month < 10 ? 0 : 1)
    let date = "\(year)-\(padded(month < 10 ? month + 3 : month - 9))-\(padded(day))"
    return "\(date) \(clock(moment, utcOffset: utcOffset).prefix(5))"
}

private func padded(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
