import Foundation

/// The form of JSON in files and outputs: indented, slashes not escaped, keys in alphabetical order.
package enum JSONText {
    package static func text(of value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .withoutEscapingSlashes, .sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
