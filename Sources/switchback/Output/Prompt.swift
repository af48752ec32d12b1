import Engine
import Foundation

/// Questions to the operator.
enum Prompt {
    /// Asks `question? [Y/N]: `. `y` and `yes`, in any case, mean yes; anything else means no. `--yes`
    /// answers for the operator. A closed input ends the verb with exit code 2, as in yb-voyager.
    static func confirm(_ question: String, yes: Bool, read: () -> String? = { readLine() }) throws -> Bool {
        if yes { return true }
        Terminal.output.write("\(question)? [Y/N]: ")
        guard let answer = read() else {
            Terminal.output.line("")
            if StopRequests.signal.isRequested { throw StopRequested() }
            throw VerbFailure(
                "the input is closed and the question needs an answer; pass --yes to say yes", exitCode: 2)
        }
        return ["y", "yes"].contains(answer.trimmingCharacters(in: .whitespaces).lowercased())
    }

    /// Reads a password without showing it.
    static func password(_ question: String) throws -> String {
        Terminal.errors.write(question + ": ")
        var before = termios()
        // Sound: the calls use a local value, only during the call.
        guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else {
            throw VerbFailure("cannot ask for a password: the input is not a terminal", exitCode: 2)
        }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            Terminal.errors.line("")
        }
        guard let answer = readLine() else {
            if StopRequests.signal.isRequested { throw StopRequested() }
            throw VerbFailure("the input was closed before a password was typed", exitCode: 2)
        }
        return answer
    }
}

/// The source of a password: the flag, else the environment, else libpq's password file, else the operator.
enum PasswordSource {
    static func password(flag: String?, side: String, whose place: String) throws -> String? {
        if let flag { return flag }
        let variable = side == "source" ? "SOURCE_DB_PASSWORD" : "TARGET_DB_PASSWORD"
        let environment = ProcessInfo.processInfo.environment
        if let value = environment[variable] { return value }
        // libpq reads the password file itself.
        if environment["PGPASSFILE"] != nil { return nil }
        if FileManager.default.fileExists(atPath: NSHomeDirectory() + "/.pgpass") { return nil }
        guard Terminal.inputIsTerminal else { return nil }
        return try Prompt.password("Password for \(place) (or set \(variable))")
    }
}
