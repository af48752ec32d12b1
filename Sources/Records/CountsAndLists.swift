/// Returns a count with its noun, for messages: `1 session`, `2 sessions`.
package func counted(_ count: some BinaryInteger, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
}

extension Sequence where Element: CustomStringConvertible {
    /// The elements as a list in a sentence: `a, b, c`.
    package var listed: String { map(\.description).joined(separator: ", ") }
}

extension Collection where Element: CustomStringConvertible {
    /// Returns the first elements as a list in a sentence, and how many there are beyond `max`: `a, b and 3
    /// more`.
    package func listed(max: Int) -> String {
        prefix(max).listed + (count > max ? " and \(count - max) more" : "")
    }
}
