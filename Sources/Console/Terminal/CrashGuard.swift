import Glibc
import Synchronization

// The handler of crash signals. A program that traps must not leave the terminal raw and on its alternate
// screen. The handler resets the terminal, restores the earlier handler, and raises the signal again.

private let crashSignals = [SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV]

/// The sequence that leaves the alternate screen, shows the cursor, resets colours and ends bracketed paste.
private let leaveSequence: StaticString = "\u{1B}[?1049l\u{1B}[?25h\u{1B}[0m\u{1B}[?2004l"

/// The address of the terminal's earlier settings, 0 while no screen is shown. It is atomic, because a signal
/// handler must not take a lock.
private let savedSettings = Atomic<UInt>(0)
/// The address of the earlier signal actions, in the order of `crashSignals`.
private let savedActions = Atomic<UInt>(0)

private func crashed(_ number: Int32) {
    // Sound: a static string lives as long as the program, and a handler may call write.
    _ = unsafe write(STDOUT_FILENO, leaveSequence.utf8Start, leaveSequence.utf8CodeUnitCount)
    // Sound: `CrashGuard.init` stored the address, and its memory is never freed.
    if let settings = unsafe UnsafePointer<termios>(bitPattern: savedSettings.load(ordering: .relaxed)) {
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, settings)
    }
    // Sound: as above; the array has an action for each index.
    let actions = unsafe UnsafeMutablePointer<sigaction>(bitPattern: savedActions.load(ordering: .relaxed))
    for (index, other) in crashSignals.enumerated() where other == number {
        if let actions = unsafe actions { unsafe sigaction(number, actions + index, nil) }
    }
    // A fault would happen again by itself, but a signal that was sent would not.
    raise(number)
}

/// The installed handlers of crash signals, from `init` to `end()`.
struct CrashGuard {
    /// Call it while the terminal still has its own settings.
    init() {
        // Sound: the memory has the right type and size and is initialised before its address is published.
        // It is a few hundred bytes once a process, and never freed, because a handler may need it at any
        // time.
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
