import Foundation

/// An output of a verb: plain text for pipes and files, colours only for terminals.
struct Terminal: Sendable {
    /// A colour of the output, as its escape sequence.
    enum Colour: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    let descriptor: Int32
    let isTerminal: Bool
    private let hasColours: Bool

    static let output = Terminal(descriptor: STDOUT_FILENO)
    static let errors = Terminal(descriptor: STDERR_FILENO)
    static let inputIsTerminal = isatty(STDIN_FILENO) == 1

    /// The name of the terminal that is the input, such as `pts/3`; `?` if it has none.
    static var inputName: String {
        var name = [CChar](repeating: 0, count: 256)
        // Sound: the call writes at most 255 bytes into a local buffer of 256, so the last byte stays zero.
        guard unsafe ttyname_r(STDIN_FILENO, &name, name.count - 1) == 0 else { return "?" }
        let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.hasPrefix("/dev/") ? String(path.dropFirst("/dev/".count)) : path
    }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        let environment = ProcessInfo.processInfo.environment
        hasColours = isTerminal && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    }

    func coloured(_ text: String, _ colour: Colour) -> String {
        hasColours ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    func line(_ text: String) { write(text + "\n") }

    /// Writes the text. A closed output must not stop a migration, so a failed write is ignored.
    func write(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            // Sound: the buffer lives for the call, and `sent` is below its count.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Foundation.write(
                    descriptor, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Prints the message of a verb that failed.
    static func fail(_ message: String) {
        errors.line(errors.coloured("Error: " + message, .red))
    }
}
