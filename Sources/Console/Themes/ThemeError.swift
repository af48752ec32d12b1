import Yams

/// An error in a theme file: the place, and what is wrong there.
package struct ThemeError: Error, Equatable, CustomStringConvertible {
    package let place: String
    package let reason: String

    package init(place: String, reason: String) {
        self.place = place
        self.reason = reason
    }

    package var description: String { "\(place): \(reason)" }
}

extension DecodingError {
    private var context: Context? {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context
        @unknown default: nil
        }
    }

    /// The path of the faulty value, such as `palette.ok.c256`.
    var place: String {
        var path = (context?.codingPath ?? []).map(\.stringValue)
        if case .keyNotFound(let key, _) = self { path.append(key.stringValue) }
        return path.isEmpty ? "the file" : path.joined(separator: ".")
    }

    /// What is wrong, in one line.
    var sentence: String {
        if case .keyNotFound = self { return "is missing" }
        let cause = context?.underlyingError.map { "\($0)" } ?? context?.debugDescription
        let lines = (cause ?? "cannot be read").split(separator: "\n")
        return lines.first.map { String($0) } ?? "cannot be read"
    }
}
