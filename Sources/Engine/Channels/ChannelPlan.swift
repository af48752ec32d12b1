import Records

/// The assignment of a leg's changes to channels. The journal has it before anything is applied by it.
///
/// The plan says which channels there are and how tables are spread over them. A change belongs to the
/// same channel at any time and in any process; without that, a channel's watermark would not say what is
/// applied. Another plan therefore comes into force only while all channels are level. A later plan never
/// uses the number of a channel again: a transaction that an earlier process has under way finds its channel
/// gone and takes no effect.
package struct ChannelPlan: Codable, Sendable, Equatable {
    /// The numbers of the channels.
    package let channels: [Int]
    /// The tables whose rows are spread over the channels, with the key columns that decide. Each other table
    /// has one channel, by its name, which keeps the order of its changes.
    package let keyColumns: [QualifiedName: [Identifier]]
    /// Sorted by name.
    package let tablesSetAside: [TableSetAside]

    /// The keys of earlier versions.
    private enum CodingKeys: String, CodingKey {
        case channels, keyColumns
        case tablesSetAside = "held"
    }

    /// A table whose changes are passed over. It has channels of its own, whose watermarks stay as they were
    /// then.
    package struct TableSetAside: Codable, Sendable, Equatable {
        package let table: QualifiedName
        /// The numbers of its channels: one for each channel that its rows had, with the watermark of that
        /// channel.
        package let channels: [Int]
        /// The key columns by which its rows were spread; empty if they were not.
        package let keyColumns: [Identifier]
        /// Whether its channels catch up with the others.
        package let isReleased: Bool
    }

    /// The plan that a leg begins with: one channel.
    package static let first = ChannelPlan(channels: [0], keyColumns: [:], tablesSetAside: [])

    /// All channels, those of tables set aside last. A channel's position here is its index.
    package var allChannels: [Int] { channels + tablesSetAside.flatMap(\.channels) }

    /// The indexes of the channels that are applied to; those of tables set aside are left out until a table
    /// is released.
    package var activeIndexes: [Int] {
        var indexes = Array(channels.indices)
        var next = channels.count
        for table in tablesSetAside {
            if table.isReleased { indexes += next..<(next + table.channels.count) }
            next += table.channels.count
        }
        return indexes
    }

    package var hasTablesSetAside: Bool { tablesSetAside.contains { !$0.isReleased } }

    /// Returns the channels of a table, as the stream describes it.
    package func route(of relation: RelationMessage) -> ChannelRoute {
        let table = relation.name
        let name = ChannelHash.of(table)
        var first = channels.count
        for setAside in tablesSetAside {
            if setAside.table == table {
                return ChannelRoute(
                    firstIndex: first, channelCount: setAside.channels.count, nameHash: name,
                    keyIndexes: Self.indexes(of: setAside.keyColumns, in: relation))
            }
            first += setAside.channels.count
        }
        return ChannelRoute(
            firstIndex: 0, channelCount: channels.count, nameHash: name,
            keyIndexes: channels.count == 1 ? [] : Self.indexes(of: keyColumns[table] ?? [], in: relation))
    }

    /// Returns the indexes of the key's columns; empty unless every change carries their values.
    private static func indexes(of key: [Identifier], in relation: RelationMessage) -> [Int] {
        let indexes = key.compactMap { name in relation.columns.firstIndex { $0.name == name } }
        guard indexes.count == key.count else { return [] }
        switch relation.identity {
        case .full: return indexes
        case .nothing: return []
        case .primaryKey, .index, .change:
            return Set(indexes) == Set(relation.columns.indices.filter { relation.columns[$0].isKey })
                ? indexes : []
        }
    }
}

/// The channels of one table, by their indexes in the plan.
package struct ChannelRoute: Sendable, Equatable {
    package let firstIndex: Int
    let channelCount: Int
    let nameHash: UInt64
    /// Indexes of the sent columns that decide; empty if all rows go to one channel.
    let keyIndexes: [Int]

    package var isSpread: Bool { !keyIndexes.isEmpty && channelCount > 1 }

    /// The channels that this table's changes may go to.
    package var channelIndexes: Range<Int> {
        isSpread ? firstIndex..<(firstIndex + channelCount) : nameIndex..<(nameIndex + 1)
    }

    /// The channel of a table that is not spread.
    package var nameIndex: Int { firstIndex + ChannelHash.index(nameHash, of: channelCount) }

    /// Returns the channel of a key, from the hashes of its columns in their order.
    package func channelIndex(_ columns: [UInt64]) -> Int {
        let hash = columns.reduce(nameHash) { ChannelHash.add($1, to: $0) }
        return firstIndex + ChannelHash.index(hash, of: channelCount)
    }
}

/// The hash that spreads rows. It is the same in every process and on every machine, because a plan outlives
/// both.
package enum ChannelHash {
    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Returns the hash of a table's name: of the bytes of `schema.table` without quotes, as in plans of
    /// earlier versions.
    package static func of(_ table: QualifiedName) -> UInt64 {
        var name = table.unquoted
        // The bytes are used while the string lends them.
        return name.withUTF8 { unsafe of($0) }
    }

    /// Returns the hash of a value's text.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = seed ^ UInt64(bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            // The loop's condition keeps all eight bytes inside the buffer.
            hash = unsafe add(
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)), to: hash)
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            // `offset` is below the buffer's count.
            unsafe rest = rest << 8 | UInt64(bytes[offset])
            offset += 1
        }
        return add(rest, to: hash)
    }

    private static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        // The raw buffer is used while the string lends its bytes.
        unsafe of(UnsafeRawBufferPointer(bytes))
    }

    /// Stands for NULL in a key column.
    package static let null: UInt64 = 0x9E37_79B9_7F4A_7C15

    package static func add(_ value: UInt64, to hash: UInt64) -> UInt64 {
        var mixed = (hash ^ value) &* 0xFF51_AFD7_ED55_8CCD
        mixed ^= mixed >> 32
        mixed &*= 0xC4CE_B9FE_1A85_EC53
        return mixed ^ (mixed >> 29)
    }

    /// Returns an index below `count`; all are equally likely.
    package static func index(_ hash: UInt64, of count: Int) -> Int {
        Int(add(0, to: hash).multipliedFullWidth(by: UInt64(count)).high)
    }
}
