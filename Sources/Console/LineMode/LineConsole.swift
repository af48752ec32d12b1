import Engine
import Glibc

/// The console without a screen: prompts, and lines that are only added. For pipes, screen readers and
/// terminals that cannot place the cursor.
final class LineConsole {
    private var conversation: LineConversation
    private let signals: Signals
    private var unread: [UInt8] = []

    /// Time between two readings of the engine's values.
    private static let refreshSeconds = 1.0
    /// Bytes taken at once, and the longest line.
    private static let readBytes = 4096
    private static let lineBytesMax = 65536

    init(control: (any MigrationControl)?, options: ConsoleOptions, signals: Signals) {
        conversation = LineConversation(ConsoleSession(control: control, options: options))
        self.signals = signals
    }

    func run(firstNotice: String?) -> ConsoleOutcome {
        // However it is left, what is typed next must be seen.
        defer { setEcho(true) }
        say(conversation.begin(firstNotice))
        showPrompt()
        var nextRead = monotonicSeconds() + Self.refreshSeconds
        while conversation.outcome == nil {
            let wait = max(0, nextRead - monotonicSeconds())
            switch read(seconds: wait) {
            case .line(let line):
                if conversation.isSecret { print("") }
                say(conversation.take(line))
                if conversation.outcome == nil { showPrompt() }
            case .nothing:
                let news = conversation.refresh()
                if !news.isEmpty {
                    print("")
                    say(news)
                    showPrompt()
                }
                nextRead = monotonicSeconds() + Self.refreshSeconds
            case .end: return .left
            }
        }
        return conversation.outcome ?? .left
    }

    private func say(_ lines: [String]) {
        for line in lines { print(String(line.map(Self.visible))) }
        _ = fflush(nil)
    }

    /// Returns a character without effect on a terminal: a text of a database may contain any.
    private static func visible(_ character: Character) -> Character {
        let isControl = character.unicodeScalars.contains {
            $0.value < 0x20 || (0x7F...0x9F).contains($0.value)
        }
        return isControl ? " " : character
    }

    private func showPrompt() {
        print(conversation.prompt, terminator: "")
        _ = fflush(nil)
        setEcho(!conversation.isSecret)
    }

    /// Shows or hides what is typed, where the input is a terminal.
    private func setEcho(_ isOn: Bool) {
        var settings = termios()
        // Sound: both calls fill or read one structure of ours.
        guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
        let flag = tcflag_t(ECHO)
        settings.c_lflag = isOn ? settings.c_lflag | flag : settings.c_lflag & ~flag
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    // MARK: Input

    private enum Input {
        case line(String)
        case nothing
        case end
    }

    private func read(seconds: Double) -> Input {
        if let line = takeLine() { return .line(line) }
        var descriptors = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        // Sound: the array has two structures, as the call says.
        guard unsafe poll(&descriptors, 2, Int32(seconds * 1000) + 1) > 0 else { return .nothing }
        for wake in signals.takeWakes() {
            switch wake {
            case .leave: return .end
            case .suspend: suspend()
            case .resize: break
            }
        }
        guard descriptors[0].revents != 0 else { return .nothing }
        var buffer = [UInt8](repeating: 0, count: Self.readBytes)
        // Sound: the call writes at most the bytes that the array has.
        let count = unsafe Glibc.read(STDIN_FILENO, &buffer, Self.readBytes)
        // An interrupted call is made again after the signal was looked at.
        if count < 0, errno == EINTR { return .nothing }
        guard count > 0, unread.count < Self.lineBytesMax else {
            // The last line may lack its end.
            return unread.isEmpty ? .end : takeRest()
        }
        unread += buffer[..<count]
        return takeLine().map(Input.line) ?? .nothing
    }

    /// Stops this process as the terminal would have, and shows the prompt again when it continues.
    private func suspend() {
        setEcho(true)
        raise(SIGSTOP)
        showPrompt()
    }

    private func takeLine() -> String? {
        guard let end = unread.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = String(decoding: unread[..<end], as: UTF8.self)
        unread.removeSubrange(...end)
        return line.hasSuffix("\r") ? String(line.dropLast()) : line
    }

    private func takeRest() -> Input {
        defer { unread = [] }
        return .line(String(decoding: unread, as: UTF8.self))
    }
}
