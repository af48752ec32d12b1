import ArgumentParser

/// A boolean flag that takes its value as a word, as yb-voyager's do: `--start-clean true`. The ten spellings are
/// read without regard to case; a bare `--start-clean` is an error, because the parser asks for the value.
struct ValuedBoolean: ExpressibleByArgument, Equatable, Sendable {
    let isTrue: Bool

    static let yes = ValuedBoolean(isTrue: true)
    static let no = ValuedBoolean(isTrue: false)

    private init(isTrue: Bool) {
        self.isTrue = isTrue
    }

    init?(argument: String) {
        switch argument.lowercased() {
        case "true", "1", "t", "y", "yes": isTrue = true
        case "false", "0", "f", "n", "no": isTrue = false
        default: return nil
        }
    }

    var defaultValueDescription: String { isTrue ? "true" : "false" }

    static var allValueStrings: [String] { ["true", "1", "t", "y", "yes", "false", "0", "f", "n", "no"] }
    static var defaultCompletionKind: CompletionKind { .list(["true", "false"]) }
}
