import Records

/// The decision what of a change is still to be applied while channels are not level, or tables are set
/// aside. A channel whose watermark is at or above a transaction has its part of it already.
package final class ChangeFilter {
    /// The part of a change that is left.
    package enum Share: Equatable {
        case all
        case none
        /// The delete under the old key alone, of an update that moves a row between channels.
        case departure
        /// The insert under the new key alone, of such an update.
        case arrival
    }

    private let router: ChannelRouter
    /// LSN up to which changes are passed over, by channel index.
    private let passed: [LogPosition]

    package init(_ channels: OpenChannels) {
        router = ChannelRouter(channels.plan)
        passed = channels.passed
    }

    package func announce(_ relation: RelationMessage) { router.announce(relation) }

    /// Whether nothing of a table is applied, so that it need not exist on the destination.
    package func passesOver(_ relation: UInt32) -> Bool {
        router.route(relation)?.channelIndexes.allSatisfy { passed[$0].number == .max } ?? false
    }

    /// Returns the share of an insert, update or delete of the transaction that commits at `lsn`; for a
    /// truncate see `left`.
    package func share(_ message: RawSpan, in lsn: LogPosition) throws -> Share {
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

    /// Returns the relations of a truncate that are still to be emptied. All channels of a table apply a
    /// truncate together.
    package func left(_ relations: [UInt32], in lsn: LogPosition) -> [UInt32] {
        relations.filter { relation in
            router.route(relation)?.channelIndexes.contains { passed[$0] < lsn } ?? true
        }
    }
}
