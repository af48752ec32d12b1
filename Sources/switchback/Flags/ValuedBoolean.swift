import ArgumentParser

/// A boolean flag with a word as its value, as in yb-voyager: `--start-clean true`. It has ten spellings;
/// case does not matter. `--start-clean` without a value is an error of the parser.
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
