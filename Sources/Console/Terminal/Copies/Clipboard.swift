import Foundation

/// The way of a copied text to the operator: the clipboard of the terminal, by OSC 52, or a file.
package struct Clipboard {
    /// What was done with a text.
    package enum Outcome: Equatable, Sendable {
        /// It was sent to the terminal. Whether the terminal took it cannot be known.
        case sent(characters: Int)
        case written(path: String, reason: Reason)
        case failed(reason: String)
    }

    /// Why a file has the text.
    package enum Reason: Equatable, Sendable {
        case terminalHasNoClipboard
        case tooLong
        /// The terminal did not take all of the text in time.
        case terminalIsSlow
    }

    /// Bytes of a text that go to a terminal: terminals take at most 100,000 bytes, in base64 and with the
    /// sequence.
    package static let bytesMax = 74_994
    /// The name of the file, which each copy replaces.
    package static let fileName = "copied.txt"
    /// Bytes that GNU screen passes through in one piece.
    private static let screenPieceBytes = 256

    private let kind: TerminalKind
    private let directory: String

    package init(kind: TerminalKind, directory: String) {
        self.kind = kind
        self.directory = directory
    }

    /// Copies a text. `send` writes to the terminal, and returns whether the terminal has taken everything.
    package func copy(_ text: String, send: ([UInt8]) -> Bool) -> Outcome {
        guard kind.mayTakeCopies else { return write(text, because: .terminalHasNoClipboard) }
        guard text.utf8.count <= Clipboard.bytesMax else { return write(text, because: .tooLong) }
        guard send(sequence(for: text)) else { return write(text, because: .terminalIsSlow) }
        return .sent(characters: text.count)
    }

    /// Returns what puts a text on the clipboard. A multiplexer gets it wrapped, so that it hands it on to
    /// the terminal around it. Tmux also gets it plain, for an own buffer, since by its settings it takes one
    /// or the other.
    package func sequence(for text: String) -> [UInt8] {
        let plain = "\u{1B}]52;c;" + Data(text.utf8).base64EncodedString() + "\u{7}"
        switch kind.multiplexer {
        case nil: return Array(plain.utf8)
        case .tmux:
            let wrapped = plain.replacing("\u{1B}", with: "\u{1B}\u{1B}")
            return Array((plain + "\u{1B}Ptmux;" + wrapped + "\u{1B}\\").utf8)
        case .screen:
            var result: [UInt8] = []
            var rest = Array(plain.utf8)[...]
            while !rest.isEmpty {
                result += "\u{1B}P".utf8 + rest.prefix(Clipboard.screenPieceBytes) + "\u{1B}\\".utf8
                rest = rest.dropFirst(Clipboard.screenPieceBytes)
            }
            return result
        }
    }

    private func write(_ text: String, because reason: Reason) -> Outcome {
        do {
            let path = try StateFolder(directory).write(text, to: Clipboard.fileName)
            return .written(path: path, reason: reason)
        } catch {
            return .failed(reason: error.description)
        }
    }
}
