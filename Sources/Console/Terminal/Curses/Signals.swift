import Glibc
import Synchronization

// The signal handlers are plain functions that only write a byte: the loop wakes up and acts. They belong to
// no actor, because a signal may interrupt any thread.

/// The end of the pipe that the handlers write to; -1 while there is none.
private let wakeDescriptor = Atomic<Int32>(-1)
/// How often the process was continued after a stop.
private let continuations = Atomic<Int>(0)
/// The second in which the console was asked to leave first; 0 before that.
private let askedAt = Atomic<Int>(0)

/// Seconds after which a further signal ends a console that did not leave.
private let leaveSecondsMax = 2

/// The reasons to wake the loop.
package enum Wake: UInt8, Sendable {
    /// The terminal has another size, or the process was continued: the screen is to be drawn anew.
    case resize = 0x57
    case leave = 0x54
    /// Another program asks to stop the process, as ^Z does.
    case suspend = 0x53
}

private func writeWake(_ wake: Wake) {
    let descriptor = wakeDescriptor.load(ordering: .relaxed)
    guard descriptor >= 0 else { return }
    var byte = wake.rawValue
    // Sound: one byte of a local variable. A full pipe already wakes the loop.
    _ = unsafe write(descriptor, &byte, 1)
}

private func resized(_: Int32) { writeWake(.resize) }

private func askedToSuspend(_: Int32) { writeWake(.suspend) }

private func continued(_: Int32) {
    continuations.add(1, ordering: .relaxed)
    writeWake(.resize)
}

private func askedToLeave(_ number: Int32) {
    var time = timespec()
    // Sound: one structure of ours.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    let (isFirst, first) = askedAt.compareExchange(
        expected: 0, desired: time.tv_sec, ordering: .relaxed)
    if !isFirst, time.tv_sec - first >= leaveSecondsMax {
        leaveScreenAtOnce()
        signal(number, SIG_DFL)
        raise(number)
    }
    writeWake(.leave)
}

/// The handlers of a console and the pipe they write to, from `init` until `end()`.
package struct Signals {
    /// The end the loop polls.
    package let readEnd: Int32
    private let writeEnd: Int32
    /// The actions before the console's, by their signals.
    private let earlier: [(number: Int32, action: sigaction)]

    /// Call it before curses starts: curses keeps handlers that are set already.
    package init() throws {
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
        askedAt.store(0, ordering: .relaxed)
        let handlers: [(Int32, @convention(c) (Int32) -> Void)] = [
            (SIGWINCH, resized), (SIGCONT, continued), (SIGTERM, askedToLeave), (SIGHUP, askedToLeave),
            (SIGINT, askedToLeave), (SIGTSTP, askedToSuspend),
        ]
        earlier = handlers.map { number, handler in
            var action = sigaction()
            var before = sigaction()
            unsafe action.__sigaction_handler.sa_handler = handler
            // Sound: both structures live through the call.
            unsafe sigaction(number, &action, &before)
            return (number, before)
        }
        // Reading from the terminal shows that it is gone.
        signal(SIGPIPE, SIG_IGN)
    }

    /// How often the process was continued so far, after this program or another one had stopped it.
    package static var continuationCount: Int { continuations.load(ordering: .relaxed) }

    /// Returns the reasons written since the last call.
    package func takeWakes() -> [Wake] {
        var wakes: [Wake] = []
        var byte: UInt8 = 0
        // Sound: one byte into a local variable.
        while unsafe read(readEnd, &byte, 1) == 1 {
            if let wake = Wake(rawValue: byte) { wakes.append(wake) }
        }
        return wakes
    }

    package func end() {
        for (number, action) in earlier {
            // Sound: the structure lives through the call.
            unsafe withUnsafePointer(to: action) { _ = unsafe sigaction(number, $0, nil) }
        }
        wakeDescriptor.store(-1, ordering: .relaxed)
        close(readEnd)
        close(writeEnd)
    }
}
