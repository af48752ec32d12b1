import Foundation
import Synchronization

/// A document that is read again and again: it is decoded only where its text is another one than at the last reading, for
/// decoding costs many times what reading does.
package final class DocumentCache<T: Decodable & Sendable>: Sendable {
    private struct Reading {
        let text: String
        let value: T
    }

    private let key: String
    private let last = Mutex<Reading?>(nil)

    package init(key: String) { self.key = key }

    /// The document as it is now; nil where it was never written.
    package func document(in journal: Journal) throws -> T? {
        guard let text = try journal.text(key: key) else { return nil }
        if let last = last.withLock({ $0 }), last.text == text { return last.value }
        let value = try JSONDecoder().decode(T.self, from: Data(text.utf8))
        last.withLock { $0 = Reading(text: text, value: value) }
        return value
    }
}
