import Engine
import Glibc

/// Set by ^C and by a request to end, for the demo without a screen and for the application.
let interruption = StopSignal()

/// From here on SIGINT, SIGTERM and SIGHUP ask for an end in good order.
func catchInterruption() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
        // The handler does one atomic store and nothing else.
        _ = signal(number) { _ in interruption.request() }
    }
}

/// Gives the signals back to whoever has the terminal next.
func releaseInterruption() {
    for number in [SIGINT, SIGTERM, SIGHUP] { _ = signal(number, SIG_DFL) }
}
