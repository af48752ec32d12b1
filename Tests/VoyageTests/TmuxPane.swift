import Demo
import Foundation
import Support

/// A pane of a tmux server of its own, in which a test types and reads. The server ends with the value.
final class TmuxPane {
    private let socket: String
    private let rows: Int

    static let path = "/usr/bin/tmux"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// Starts a plain shell in a pane.
    init(rows: Int = 36, columns: Int = 120, environment: [String: String] = [:]) throws {
        socket = "switchback-" + UUID().uuidString.prefix(8)
        self.rows = rows
        var variables = environment
        variables["ENV"] = ""
        let flags = variables.flatMap { ["-e", "\($0.key)=\($0.value)"] }
        try tmux(
            ["-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)"] + flags
                + ["exec /bin/sh"])
    }

    deinit {
        // The server may have ended with its shell.
        _ = try? tmux(["kill-server"])
    }

    /// Types a text, as a keyboard does.
    func type(_ text: String) throws { try tmux(["send-keys", "-l", text]) }

    /// Presses a key by tmux's name for it.
    func press(_ name: String) throws { try tmux(["send-keys", name]) }

    func resize(rows: Int, columns: Int) throws {
        try tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
    }

    func screen() throws -> [String] {
        try tmux(["capture-pane", "-p"]).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    /// Returns the value of one of tmux's formats, such as `alternate_on`.
    func value(_ format: String) throws -> String {
        try tmux(["display-message", "-p", "#{\(format)}"]).trimmingCharacters(in: .newlines)
    }

    /// Reads the screen until it is as wanted.
    func waitFor(timeout seconds: Double = 20, _ wanted: ([String]) -> Bool) throws {
        let end = ContinuousClock.now + .seconds(seconds)
        var lines: [String] = []
        repeat {
            lines = try screen()
            if wanted(lines) { return }
            usleep(20_000)
        } while ContinuousClock.now < end
        throw PseudoTerminalError(
            "not seen within \(seconds) s; tmux showed:\n" + lines.joined(separator: "\n"))
    }

    func waitFor(_ text: String, timeout seconds: Double = 20) throws {
        try waitFor(timeout: seconds) { $0.contains { $0.contains(text) } }
    }

    @discardableResult
    private func tmux(_ arguments: [String]) throws -> String {
        var variables = ProcessInfo.processInfo.environment
        variables["LC_ALL"] = "C.UTF-8"
        // A test that runs inside of tmux starts a server of its own, too.
        variables["TMUX"] = nil
        let file = NSTemporaryDirectory() + socket + ".out"
        // It is made by the call, and read once.
        defer { try? FileManager.default.removeItem(atPath: file) }
        // The server outlives the command, and Foundation's `Process` would wait for it.
        let program = try SpawnedProgram(
            [Self.path, "-L", socket] + arguments, in: "/tmp", output: file, environment: variables)
        let status = program.wait()
        let text = try String(contentsOfFile: file, encoding: .utf8)
        guard status == 0 else {
            throw PseudoTerminalError("tmux \(arguments.joined(separator: " ")): \(text)")
        }
        return text
    }
}
