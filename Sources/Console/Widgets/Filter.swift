/// A filter of lines: plain text must be in the line, `!text` must not be, and the letters after `~` must
/// come in their order.
package struct Filter: Equatable, Sendable {
    /// The kind of comparison.
    private enum Kind: Equatable {
        case all
        case contains(String)
        case lacks(String)
        case inOrder(String)
    }

    private let kind: Kind

    package init(_ text: String) {
        let wanted = text.lowercased()
        kind =
            switch wanted.first {
            case nil: .all
            case "!": wanted.count == 1 ? .all : .lacks(String(wanted.dropFirst()))
            case "~": .inOrder(String(wanted.dropFirst()))
            default: .contains(wanted)
            }
    }

    package func matches(_ line: String) -> Bool {
        switch kind {
        case .all: true
        case .contains(let text): line.lowercased().contains(text)
        case .lacks(let text): !line.lowercased().contains(text)
        case .inOrder(let letters): Self.comeInOrder(letters, in: line.lowercased())
        }
    }

    /// Whether the letters come in the line in their order, with others between them.
    package static func comeInOrder(_ letters: String, in line: String) -> Bool {
        var rest = line[...]
        for letter in letters {
            guard let index = rest.firstIndex(of: letter) else { return false }
            rest = rest[rest.index(after: index)...]
        }
        return true
    }
}
