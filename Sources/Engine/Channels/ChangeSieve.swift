import Postgres
import Records

/// What of a change is still to be applied where channels are not level, or tables are held: a channel that is further than a
/// transaction has its part of it already.
final class ChangeSieve {
    /// The part of a change that is left.
    enum Share: Equatable {
        case all
        case none
        /// Of an update that moves a row between channels: only what leaves, or only what arrives.
        case departure
        case arrival
    }

    private let router: ChannelRouter
    private let passed: [LSN]

    init(_ channels: OpenChannels) {
        router = ChannelRouter(channels.plan)
        passed = channels.passed
    }

    func announce(_ relation: RelationMessage) { router.announce(relation) }

    /// Whether nothing of a table is applied, so that it need not even be there.
    func holds(_ relation: UInt32) -> Bool {
        router.route(relation)?.channelIndexes.allSatisfy { passed[$0].bytes == .max } ?? false
    }

    /// The share of an insert, update or delete of the transaction that commits at `lsn`; of a truncate see `left`.
    func share(_ message: RawSpan, in lsn: LSN) throws -> Share {
        switch try router.place(message) {
        case .channel(let index): return passed[index] < lsn ? .all : .none
        case .tables: return .all
        case .move(let from, let to):
            switch (passed[from] < lsn, passed[to] < lsn) {
            case (true, true): return .all
            case (true, false): return .departure
            case (false, true): return .arrival
            case (false, false): return .none
            }
        case .unknown:
            throw MalformedMessage(offset: 5, expected: "the values of the key")
        }
    }

    /// The relations of a truncate that are still to be emptied. Channels apply a truncate at once or not at all.
    func left(_ relations: [UInt32], in lsn: LSN) -> [UInt32] {
        relations.filter { relation in
            router.route(relation)?.channelIndexes.contains { passed[$0] < lsn } ?? true
        }
    }
}
