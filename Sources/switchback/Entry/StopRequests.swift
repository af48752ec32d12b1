import Engine
import Foundation
import Synchronization

/// The handling of interrupt and termination signals. A long-running verb is asked to stop; any other verb
/// ends at once. Both end with exit code 1. The second signal ends the process at once.
enum StopRequests {
    static let signal = StopSignal()
    private static let endsAtOnce = Atomic<Bool>(true)

    /// Installs the handlers. The process calls it first.
    static func install() {
        // Initialises the value before a handler reads it: a handler must not initialise it.
        _ = signal.isRequested
        var taken = sigset_t()
        unsafe sigemptyset(&taken)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            unsafe sigaddset(&taken, number)
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { _ in
                if StopRequests.endsAtOnce.load(ordering: .acquiring) || StopRequests.signal.isRequested {
                    _exit(1)
                }
                StopRequests.signal.request()
            }
            // No SA_RESTART, so that a signal ends a question. Sound: the struct lives for the call.
            unsafe sigaction(number, &action, nil)
        }
        // The signals may be blocked: a process inherits that from the thread that starts it, for instance of
        // a pool.
        unsafe pthread_sigmask(SIG_UNBLOCK, &taken, nil)
        // A file size limit counts as a full disk: the failed write is reported. The signal would end us
        // silently.
        _ = Foundation.signal(SIGXFSZ, SIG_IGN)
    }

    /// Makes a signal a request to stop from now on, for verbs that check `signal`. A reader that closes its
    /// end of a pipe must not end a migration either.
    static func endInGoodOrder() {
        endsAtOnce.store(false, ordering: .releasing)
        _ = Foundation.signal(SIGPIPE, SIG_IGN)
    }

    /// Asks a question that a signal interrupts.
    static func whileAsking<Answer>(_ ask: () throws -> Answer) rethrows -> Answer {
        let before = endsAtOnce.exchange(false, ordering: .acquiringAndReleasing)
        defer { endsAtOnce.store(before, ordering: .releasing) }
        return try ask()
    }
}
