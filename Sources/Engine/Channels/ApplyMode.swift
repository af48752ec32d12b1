/// The way in which changes are applied. The operator chooses it, also while changes stream.
package enum ApplyMode: Sendable, Codable, Equatable, CustomStringConvertible {
    /// Whole source transactions in their order, in one channel: the destination is always at a commit of the
    /// origin.
    case transactional
    /// Several channels at once, each with the changes of its keys in their order. While the channels are not
    /// level, a reader of the destination may see part of a source transaction.
    case parallel(channels: Int)

    /// The keys of earlier versions.
    private enum ParallelCodingKeys: String, CodingKey {
        case channels = "lanes"
    }

    package static let channelsMax = 64
    package static let channelsDefault = 4

    package var channels: Int {
        switch self {
        case .transactional: 1
        case .parallel(let channels): min(max(1, channels), Self.channelsMax)
        }
    }

    package var description: String {
        switch self {
        case .transactional: "transactional"
        case .parallel: "parallel with \(channels) channels"
        }
    }
}
