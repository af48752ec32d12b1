import Glibc

/// The operator's editor: VISUAL, else EDITOR, else vi.
struct Editor {
    /// The program, and words of its own before the file.
    private let words: [String]

    /// The variables that name it.
    static let variableNames = ["VISUAL", "EDITOR"]

    var name: String { words[0] }

    init(environment: [String: String]) {
        let chosen = Self.variableNames.compactMap { environment[$0] }.first { !$0.isEmpty }
        let words = (chosen ?? "vi").split(separator: " ").map(String.init)
        self.words = words.isEmpty ? ["vi"] : words
    }

    /// The command line that shows a line of a file. Nearly all editors know `+LINE`.
    func arguments(_ path: String, line: Int) -> [String] {
        words + (line > 0 ? ["+\(line)"] : []) + [path]
    }

    /// Runs the editor on this terminal and waits for its end; returns its exit code.
    ///
    /// - Throws: `ConsoleError` if it cannot be started
    func open(_ path: String, line: Int) throws -> Int32 {
        // Sound: the copies are freed after the start, and the array ends with a null pointer.
        var pointers = unsafe arguments(path, line: line).map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        var attributes = posix_spawnattr_t()
        var none = sigset_t()
        // Sound: both structures are ours. The editor gets all signals, also those that this thread blocks.
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var process: pid_t = 0
        let code = unsafe posix_spawnp(&process, name, nil, &attributes, &pointers, environ)
        guard code == 0 else {
            throw ConsoleError(
                "The editor \(name) cannot be started: \(unsafe String(cString: strerror(code))). Set EDITOR."
            )
        }
        var status: Int32 = 0
        // Sound: one integer of ours; an interrupted wait is repeated.
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }
}
