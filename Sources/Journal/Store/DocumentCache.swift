import Foundation
import Synchronization

/// A document that is read often. It is decoded only if its text has changed since the last reading, because
/// decoding costs many times what reading does.
package final class DocumentCache<T: Decodable & Sendable>: Sendable {
    /// The last reading: its text and what was decoded from it.
    private struct Reading {
        let text: String
        let value: T
    }

    private let key: String
    private let last = Mutex<Reading?>(nil)

    package init(key: String) { self.key = key }

    /// Returns the document as it is now; nil if it was never written.
    package func document(in journal: Journal) throws -> T? {
        guard let text = try journal.text(key: key) else { return nil }
        if let last = last.withLock({ $0 }), last.text == text { return last.value }
        let value = try JSONDecoder().decode(T.self, from: Data(text.utf8))
        last.withLock { $0 = Reading(text: text, value: value) }
        return value
    }
}
