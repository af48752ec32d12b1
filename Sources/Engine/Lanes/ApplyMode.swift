/// How changes are applied; the operator's choice, also while they stream.
package enum ApplyMode: Sendable, Codable, Equatable, CustomStringConvertible {
    /// Whole source transactions in their order, in one lane: the destination is always at a commit of the origin.
    case transactional
    /// Several lanes at once, each with the changes of its keys in their order. Between level points a reader of the
    /// destination may see a part of a source transaction.
    case parallel(lanes: Int)

    package static let lanesMax = 64
    package static let lanesDefault = 4

    package var lanes: Int {
        switch self {
        case .transactional: 1
        case .parallel(let lanes): min(max(1, lanes), Self.lanesMax)
        }
    }

    package var description: String {
        switch self {
        case .transactional: "transactional"
        case .parallel: "parallel with \(lanes) lanes"
        }
    }
}
