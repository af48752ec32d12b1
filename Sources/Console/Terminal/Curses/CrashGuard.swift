import Glibc
import Synchronization

// The handler of crash signals. A program that traps must not leave the terminal raw and on its alternate
// screen. The handler resets the terminal, shows what the runtime said about the crash, restores the earlier
// handler, and raises the signal again. What it needs lies in memory that is never freed, and it calls only
// what a handler may.

private let crashSignals = [SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGSYS, SIGQUIT]

/// Ends what no description of a terminal ends: a frame that is held back, bracketed paste, the mouse.
let endOfModes = "\u{1B}[?2026l\u{1B}[?2004l\u{1B}[?1000l\u{1B}[?1006l"

/// Leaves the alternate screen, shows the cursor, and resets colours and keys, on terminals like xterm.
private let plainLeave = "\u{1B}[?1049l\u{1B}[?25h\u{1B}[0m\u{1B}[?1l\u{1B}>"

/// What the handler needs.
// Sound: its pointers are to memory that is never freed.
@safe private struct CrashState {
    /// The terminal's settings before the console.
    var settings = termios()
    var actions: UnsafeMutablePointer<sigaction>
    var leaveBytes: UnsafeMutablePointer<UInt8>
    var leaveCount = 0
    /// Standard error as it was; -1 while it is not diverted.
    var savedError: Int32 = -1
    /// The file that standard error goes to, and its length at the start.
    var errorFile: Int32 = -1
    var errorStart: off_t = 0
    var errorBytes: UnsafeMutablePointer<UInt8>
}

/// The address of the state, 0 while no screen is shown. It is atomic, because a signal handler must not take
/// a lock.
private let stateAddress = Atomic<UInt>(0)

/// Bytes of the sequence that leaves the screen.
private let leaveBytesMax = 256
/// Bytes of standard error that are shown after a crash.
private let errorBytesMax = 4096
/// Bytes of the stack that the handler runs on, for a crash by a full stack.
private let handlerStackBytes = 65536

/// Leaves the console's screen at once, from within a signal handler.
func leaveScreenAtOnce() {
    // Sound: `CrashGuard.init` stored the address, and its memory is never freed. A handler may call write,
    // tcsetattr, dup2, lseek and pread.
    guard
        let state = unsafe UnsafeMutablePointer<CrashState>(bitPattern: stateAddress.load(ordering: .relaxed))
    else { return }
    _ = unsafe write(STDOUT_FILENO, state.pointee.leaveBytes, state.pointee.leaveCount)
    unsafe tcsetattr(STDIN_FILENO, TCSANOW, &state.pointee.settings)
    guard unsafe state.pointee.savedError >= 0 else { return }
    unsafe dup2(state.pointee.savedError, STDERR_FILENO)
    let file = unsafe state.pointee.errorFile
    let start = unsafe max(state.pointee.errorStart, lseek(file, 0, SEEK_END) - off_t(errorBytesMax))
    let count = unsafe pread(file, state.pointee.errorBytes, errorBytesMax, start)
    if count > 0 { _ = unsafe write(STDERR_FILENO, state.pointee.errorBytes, count) }
}

private func crashed(_ number: Int32) {
    leaveScreenAtOnce()
    // Sound: as above; the array has an action for each index.
    if let state = unsafe UnsafeMutablePointer<CrashState>(bitPattern: stateAddress.load(ordering: .relaxed))
    {
        for index in crashSignals.indices where crashSignals[index] == number {
            unsafe sigaction(number, state.pointee.actions + index, nil)
        }
    }
    // A fault would happen again by itself, but a signal that was sent would not.
    raise(number)
}

/// The installed handlers of crash signals, from `init` to `end()`.
// Sound: the pointers are to memory that is allocated once a process and never freed, because a handler may
// need it at any time. It is a few kilobytes.
@safe struct CrashGuard {
    private let state: UnsafeMutablePointer<CrashState>

    /// Call it while the terminal still has its own settings.
    init() {
        unsafe state = UnsafeMutablePointer<CrashState>.allocate(capacity: 1)
        let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: crashSignals.count)
        for index in crashSignals.indices { unsafe (actions + index).initialize(to: sigaction()) }
        unsafe state.initialize(
            to: CrashState(
                actions: actions, leaveBytes: .allocate(capacity: leaveBytesMax),
                errorBytes: .allocate(capacity: errorBytesMax)))
        setLeave(endOfModes + plainLeave)
        rememberSettings()
        unsafe stateAddress.store(UInt(bitPattern: state), ordering: .releasing)
        CrashGuard.giveHandlersAStack()
        for (index, number) in crashSignals.enumerated() {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = crashed
            action.sa_flags = Int32(SA_ONSTACK)
            // Sound: both structures live through the call.
            unsafe sigaction(number, &action, actions + index)
        }
    }

    /// Takes the terminal's present settings as those to restore.
    func rememberSettings() { unsafe tcgetattr(STDIN_FILENO, &state.pointee.settings) }

    /// Restores the terminal's settings without waiting for a terminal that has stopped.
    func restoreSettings() { unsafe tcsetattr(STDIN_FILENO, TCSANOW, &state.pointee.settings) }

    /// Sets what leaves this terminal's screen. A sequence that is too long is not used.
    func setLeave(_ sequence: String) {
        let bytes = Array(sequence.utf8)
        guard bytes.count <= leaveBytesMax else { return }
        unsafe state.pointee.leaveBytes.update(from: bytes, count: bytes.count)
        unsafe state.pointee.leaveCount = bytes.count
    }

    /// Says where standard error goes meanwhile.
    func watch(_ error: ErrorOutput) {
        unsafe state.pointee.errorFile = error.file
        unsafe state.pointee.errorStart = error.start
        unsafe state.pointee.savedError = error.saved
    }

    func end() {
        for (index, number) in crashSignals.enumerated() {
            unsafe sigaction(number, state.pointee.actions + index, nil)
        }
        stateAddress.store(0, ordering: .relaxed)
    }

    private static func giveHandlersAStack() {
        var present = unsafe stack_t()
        // Sound: the structures are ours. The stack is never freed, as the handlers may need it at any time.
        guard unsafe sigaltstack(nil, &present) == 0, unsafe present.ss_flags & Int32(SS_DISABLE) != 0
        else { return }
        var stack = unsafe stack_t()
        unsafe stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: handlerStackBytes, alignment: 16)
        unsafe stack.ss_size = handlerStackBytes
        _ = unsafe sigaltstack(&stack, nil)
    }
}
