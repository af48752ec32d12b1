import Engine
import Glibc

/// The signal that ^C and a request to end set, for the demo without a screen and for the application.
let interruption = StopSignal()

/// Makes SIGINT, SIGTERM and SIGHUP requests to stop.
func catchInterruption() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
        // Sound in a handler: it does one atomic store.
        _ = signal(number) { _ in interruption.request() }
    }
}

/// Restores the signals for the next user of the terminal.
func releaseInterruption() {
    for number in [SIGINT, SIGTERM, SIGHUP] { _ = signal(number, SIG_DFL) }
}
