import Glibc
import Synchronization

// The signal handlers are plain functions that only write a byte: the loop wakes up and acts. They belong to
// no actor, because a signal may interrupt any thread.

/// The end of the pipe that the handlers write to; -1 while there is none.
private let wakeDescriptor = Atomic<Int32>(-1)

/// The reasons to wake the loop.
enum Wake: UInt8 {
    case resize = 0x57
    case leave = 0x54
}

private func writeWake(_ wake: Wake) {
    let descriptor = wakeDescriptor.load(ordering: .relaxed)
    guard descriptor >= 0 else { return }
    var byte = wake.rawValue
    // Sound: one byte of a local variable. A full pipe already wakes the loop.
    _ = unsafe write(descriptor, &byte, 1)
}

private func resized(_: Int32) { writeWake(.resize) }
private func askedToLeave(_: Int32) { writeWake(.leave) }

/// The handlers of a console and the pipe they write to, from `init` until `end()`.
struct Signals {
    /// The end the loop polls.
    let readEnd: Int32
    private let writeEnd: Int32

    /// Call it before curses starts: curses keeps handlers that are set already.
    init() throws {
        var ends: [Int32] = [-1, -1]
        // Sound: the array has room for the two integers that pipe fills.
        guard unsafe pipe(&ends) == 0 else {
            throw ConsoleError("The console cannot open a pipe (error \(errno)).")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
        wakeDescriptor.store(writeEnd, ordering: .relaxed)
        signal(SIGWINCH, resized)
        for number in [SIGTERM, SIGHUP, SIGINT] { signal(number, askedToLeave) }
        // Reading from the terminal shows that it is gone.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Returns the reasons written since the last call.
    func takeWakes() -> [Wake] {
        var wakes: [Wake] = []
        var byte: UInt8 = 0
        // Sound: one byte into a local variable.
        while unsafe read(readEnd, &byte, 1) == 1 {
            if let wake = Wake(rawValue: byte) { wakes.append(wake) }
        }
        return wakes
    }

    func end() {
        for number in [SIGWINCH, SIGTERM, SIGHUP, SIGINT] { signal(number, SIG_DFL) }
        wakeDescriptor.store(-1, ordering: .relaxed)
        close(readEnd)
        close(writeEnd)
    }
}
