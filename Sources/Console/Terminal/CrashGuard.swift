import Glibc
import Synchronization

// A program that traps must not leave the terminal raw and on its alternate screen: the handler puts it back,
// restores what handled the signal before, and returns, so that the fault happens again there.

private let crashSignals = [SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV]

/// Leaves the alternate screen, shows the cursor, resets colours and ends bracketed paste.
private let leaveSequence: StaticString = "\u{1B}[?1049l\u{1B}[?25h\u{1B}[0m\u{1B}[?2004l"

/// The address of the terminal's settings from before, 0 while no screen is up. An address in an atomic, since a
/// handler may look at nothing that a lock protects.
private let savedSettings = Atomic<UInt>(0)
/// The address of the actions from before, in the order of `crashSignals`.
private let savedActions = Atomic<UInt>(0)

private func crashed(_ number: Int32) {
    // Sound: a static string lives as long as the program, and write is allowed in a handler.
    _ = unsafe write(STDOUT_FILENO, leaveSequence.utf8Start, leaveSequence.utf8CodeUnitCount)
    // Sound: the address was stored by `CrashGuard.init` and its memory is never given back.
    if let settings = unsafe UnsafePointer<termios>(bitPattern: savedSettings.load(ordering: .relaxed)) {
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, settings)
    }
    // Sound: as above; the index is inside the array of as many actions.
    let actions = unsafe UnsafeMutablePointer<sigaction>(bitPattern: savedActions.load(ordering: .relaxed))
    for (index, other) in crashSignals.enumerated() where other == number {
        if let actions = unsafe actions { unsafe sigaction(number, actions + index, nil) }
    }
    // A fault would happen again by itself; a signal that was sent would not.
    raise(number)
}

struct CrashGuard {
    /// To be called while the terminal still has its own settings.
    init() {
        // Sound: memory of the right type and size, initialised before its address is published; it is a few
        // hundred bytes once a process and never given back, because a handler may need it at any time.
        let settings = UnsafeMutablePointer<termios>.allocate(capacity: 1)
        unsafe settings.initialize(to: termios())
        unsafe tcgetattr(STDIN_FILENO, settings)
        savedSettings.store(UInt(bitPattern: settings), ordering: .relaxed)
        let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: crashSignals.count)
        for index in crashSignals.indices { unsafe (actions + index).initialize(to: sigaction()) }
        savedActions.store(UInt(bitPattern: actions), ordering: .relaxed)
        for (index, number) in crashSignals.enumerated() {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = crashed
            // Sound: both structures live through the call.
            unsafe sigaction(number, &action, actions + index)
        }
    }

    func end() {
        // Sound: as in `crashed`.
        guard
            let actions = unsafe UnsafeMutablePointer<sigaction>(
                bitPattern: savedActions.load(ordering: .relaxed))
        else { return }
        for (index, number) in crashSignals.enumerated() { unsafe sigaction(number, actions + index, nil) }
        savedSettings.store(0, ordering: .relaxed)
    }
}
