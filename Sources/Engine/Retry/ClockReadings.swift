import Foundation

/// Seconds since 1970, by the clock that people read.
package func secondsNow() -> Double { Date().timeIntervalSince1970 }

/// Whether at least `seconds` passed between two readings of the clock. True if the clock was set back:
/// periodic work is then done too soon, and not too late.
package func hasPassed(_ seconds: Double, since: Double, at now: Double) -> Bool {
    !(0..<seconds).contains(now - since)
}

/// Seconds of the monotonic clock, for waits with a bound.
package func monotonicSeconds() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) / 1_000_000_000
}
