import CNcurses
import Glibc

// How the terminal is given back: at the end, and while the process is stopped.

extension CursesTerminal {
    /// Time in which a stop of this process happens, once it is asked for.
    private static let stopMilliseconds: Int32 = 200

    /// Restores the terminal, and then shows what came on standard error meanwhile.
    package func close() {
        leave()
        // Sound: the one call for each of the pointers of `init`.
        unsafe delwin(keys)
        unsafe delscreen(screen)
        unsafe fclose(output)
        capture.end()
        let messages = errorOutput?.end() ?? []
        crashGuard.end()
        for message in messages { CursesTerminal.writeError(message) }
    }

    /// Restores the terminal and stops this process and those of its job, as ^Z does. Sets the terminal up
    /// again when the process is continued. Where no shell could continue it the kernel does not stop it.
    package func suspend() {
        leave()
        let before = Signals.continuationCount
        var ours = sigaction()
        var byDefault = sigaction()
        unsafe byDefault.__sigaction_handler.sa_handler = SIG_DFL
        // Sound: the structures live through the calls.
        unsafe sigaction(SIGTSTP, &byDefault, &ours)
        kill(0, SIGTSTP)
        // Another thread may take the signal: the stop then comes a moment later. Being continued ends the
        // wait.
        if Signals.continuationCount == before {
            _ = poll(nil, 0, CursesTerminal.stopMilliseconds)
        }
        unsafe sigaction(SIGTSTP, &ours, nil)
        comeBack()
    }

    /// Runs a body while the terminal is another program's, and sets it up again.
    package func whileAway<R>(_ body: () throws -> R) rethrows -> R {
        leave()
        defer { comeBack() }
        return try body()
    }

    /// Sets the terminal up again after `leave`.
    private func comeBack() {
        crashGuard.rememberSettings()
        // Sound: one structure of ours, and the window of `init`.
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, &modes)
        unsafe keypad(keys, true)
        setInputModes(on: true)
        measure()
    }

    /// Gives the terminal back in the modes it had.
    func leave() {
        setInputModes(on: false)
        endwin()
        send(styles.translated(capture.take()))
        crashGuard.restoreSettings()
    }
}
