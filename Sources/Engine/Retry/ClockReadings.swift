import Foundation

/// Seconds since 1970, by the clock that people read.
package func secondsNow() -> Double { Date().timeIntervalSince1970 }

/// Whether so many seconds lie between two readings of the clock. One that was set back has passed them: what is done so often
/// is to be done too soon then, and not too late by as much.
func hasPassed(_ seconds: Double, since: Double, at now: Double) -> Bool {
    !(0..<seconds).contains(now - since)
}

/// The seconds of a clock that is never set, for waits that end by themselves.
func monotonicSeconds() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) / 1_000_000_000
}
