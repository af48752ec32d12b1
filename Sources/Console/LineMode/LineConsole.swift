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
    /// The longest line.
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

    /// Reads up to the end of a line, byte by byte: what follows may be for the console that takes the place
    /// of this one.
    private func read(seconds: Double) -> Input {
        var wait = Int32(seconds * 1000) + 1
        while true {
            switch readByte(milliseconds: wait) {
            case .line(let line): return .line(line)
            case .nothing: return .nothing
            case .end: return .end
            case nil: wait = 0
            }
        }
    }

    /// Reads a byte; returns nil if the line goes on after it.
    private func readByte(milliseconds: Int32) -> Input? {
        var descriptors = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        // Sound: the array has two structures, as the call says.
        guard unsafe poll(&descriptors, 2, milliseconds) > 0 else { return .nothing }
        for wake in signals.takeWakes() {
            switch wake {
            case .leave: return .end
            case .suspend: suspend()
            case .resize: break
            }
        }
        guard descriptors[0].revents != 0 else { return .nothing }
        var byte: UInt8 = 0
        // Sound: the call writes at most the one byte.
        let count = unsafe Glibc.read(STDIN_FILENO, &byte, 1)
        // An interrupted call is made again after the signal was looked at.
        if count < 0, errno == EINTR { return .nothing }
        guard count == 1, unread.count < Self.lineBytesMax else {
            // The last line may lack its end.
            return unread.isEmpty ? .end : .line(takeLine())
        }
        if byte == UInt8(ascii: "\n") { return .line(takeLine()) }
        unread.append(byte)
        return nil
    }

    /// Stops this process as the terminal would have, and shows the prompt again when it continues.
    private func suspend() {
        setEcho(true)
        raise(SIGSTOP)
        showPrompt()
    }

    private func takeLine() -> String {
        defer { unread = [] }
        let line = String(decoding: unread, as: UTF8.self)
        return line.hasSuffix("\r") ? String(line.dropLast()) : line
    }
}
