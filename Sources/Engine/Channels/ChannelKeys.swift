import Records

/// The operator's choice by what changes are spread over channels (`--cdc-partition-key`). It holds for
/// several channels; one channel has all changes.
package struct ChannelKeys: Codable, Sendable, Equatable {
    /// What decides about the channel of a change.
    package enum Key: String, Codable, Sendable {
        /// The primary key, if nothing else keeps the rows of the table apart; else the table.
        case auto
        /// The table: all of its changes keep their order.
        case table
    }

    /// The choice for one table.
    package struct Override: Codable, Sendable, Equatable {
        package let table: QualifiedName
        package let key: Key

        package init(table: QualifiedName, key: Key) {
            self.table = table
            self.key = key
        }
    }

    package static let auto = ChannelKeys(key: .auto)

    /// The choice for all tables that have none of their own.
    package var key: Key
    package var overrides: [Override]

    package init(key: Key, overrides: [Override] = []) {
        self.key = key
        self.overrides = overrides
    }

    /// Whether the rows of a table may be spread over several channels.
    package func spreads(_ table: QualifiedName) -> Bool {
        (overrides.last { $0.table == table }?.key ?? key) == .auto
    }
}

extension Migration {
    /// Stores by what changes are spread over channels. Apply takes it with its next connection.
    ///
    /// - Parameters:
    ///   - key: for all tables; nil to keep the choice
    ///   - overrides: for single tables, each named as in a table list; nil to keep them
    package func choose(channelKey key: ChannelKeys.Key?, overrides: [String: ChannelKeys.Key]?) throws {
        let tables = try overrides.map { choices in
            try choices.sorted { $0.key < $1.key }.map {
                ChannelKeys.Override(table: try table(named: $0.key), key: $0.value)
            }
        }
        let known = Set(try journal.tables().map(\.table.name))
        if !known.isEmpty, let stranger = tables?.first(where: { !known.contains($0.table) }) {
            throw RequestRefused(
                "\(stranger.table) is not a table of this migration; name one that is migrated")
        }
        try update { record in
            var keys = record.channelKeys
            if let key { keys.key = key }
            if let tables { keys.overrides = tables }
            record.channelKeys = keys
        }
    }
}
