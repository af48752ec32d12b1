import Engine
import Foundation
import Synchronization

/// What the interrupt and termination signals do: a long-running verb is asked to end in good order, any other verb
/// ends at once; both with exit code 1. The second interrupt ends the process whatever it does.
enum StopRequests {
    static let signal = StopSignal()
    private static let endsAtOnce = Atomic<Bool>(true)

    /// Takes the signals over. Called first thing in the process.
    static func install() {
        // Touched here, so that the handler finds it built: building it there would not be safe in a signal.
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
            // No SA_RESTART: a question that waits for its answer is to end. The struct lives for the call.
            unsafe sigaction(number, &action, nil)
        }
        // Whoever starts us from a thread that blocks them (a thread pool's do) hands that on, and nothing would end us.
        unsafe pthread_sigmask(SIG_UNBLOCK, &taken, nil)
        // A file that may grow no more is a full disk: the write's error is told, the signal would end us without a word.
        _ = Foundation.signal(SIGXFSZ, SIG_IGN)
    }

    /// From here on a signal asks instead of ending; for verbs that look at `signal`. A reader that closes its end of
    /// a pipe must not end a migration either.
    static func endInGoodOrder() {
        endsAtOnce.store(false, ordering: .releasing)
        _ = Foundation.signal(SIGPIPE, SIG_IGN)
    }

    /// While a question is open, a signal makes the read return.
    static func whileAsking<Answer>(_ ask: () throws -> Answer) rethrows -> Answer {
        let before = endsAtOnce.exchange(false, ordering: .acquiringAndReleasing)
        defer { endsAtOnce.store(before, ordering: .releasing) }
        return try ask()
    }
}
