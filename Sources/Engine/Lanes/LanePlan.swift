import Postgres
import Records

/// Which lane applies which change of a leg: a value that lies in the journal before anything is applied by it.
///
/// A lane is a channel, a row with a watermark in the written database. The plan says which channels there are and how
/// tables are spread over them, and every change falls to the same lane whenever and by whomever it is asked. That is what
/// makes the watermark of a lane mean something; so another plan may come into force only where no lane is ahead of
/// another. The number of a channel is never used again by a later plan: what an earlier process still has under way
/// finds its channel gone, and takes no effect.
package struct LanePlan: Codable, Sendable, Equatable {
    /// The lanes' channels.
    package let channels: [Int]
    /// The tables whose rows are spread over the lanes, with the columns of the key that decides. Each other table has one
    /// lane, by its name, in which the order of its changes is kept.
    package let keyColumns: [QualifiedName: [Identifier]]
    /// By name.
    package let held: [HeldTable]

    /// A table whose changes are passed over: its watermarks stay where the hold began, in channels of its own.
    package struct HeldTable: Codable, Sendable, Equatable {
        package let table: QualifiedName
        /// As many as there were lanes for its rows, each with the watermark of that lane.
        package let channels: [Int]
        /// How its rows were spread; empty where they were not.
        package let keyColumns: [Identifier]
        /// Released: its channels catch up with the lanes.
        package let isReleased: Bool
    }

    /// What a leg begins with: one lane.
    package static let first = LanePlan(channels: [0], keyColumns: [:], held: [])

    /// All channels: the lanes', then the held tables'. A channel's place here is its slot.
    package var allChannels: [Int] { channels + held.flatMap(\.channels) }

    /// The slots that are applied to: the lanes', and those of released tables.
    package var activeSlots: [Int] {
        var slots = Array(channels.indices)
        var next = channels.count
        for table in held {
            if table.isReleased { slots += next..<(next + table.channels.count) }
            next += table.channels.count
        }
        return slots
    }

    package var hasHeldTables: Bool { held.contains { !$0.isReleased } }

    /// Where the changes of a table go, as the stream announces it.
    package func route(of relation: RelationMessage) -> LaneRoute {
        let table = relation.name
        let name = LaneHash.of(table)
        var first = channels.count
        for held in held {
            if held.table == table {
                return LaneRoute(
                    firstSlot: first, lanes: held.channels.count, nameHash: name,
                    keyIndexes: Self.indexes(of: held.keyColumns, in: relation))
            }
            first += held.channels.count
        }
        return LaneRoute(
            firstSlot: 0, lanes: channels.count, nameHash: name,
            keyIndexes: channels.count == 1 ? [] : Self.indexes(of: keyColumns[table] ?? [], in: relation))
    }

    /// The key's columns where every change tells their values, empty otherwise.
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

/// The lanes of one table.
package struct LaneRoute: Sendable, Equatable {
    let firstSlot: Int
    let lanes: Int
    let nameHash: UInt64
    /// Indexes of the sent columns that decide; empty where all rows go to one lane.
    let keyIndexes: [Int]

    package var isSpread: Bool { !keyIndexes.isEmpty && lanes > 1 }

    /// The slots this table's changes may go to.
    package var slots: Range<Int> { isSpread ? firstSlot..<(firstSlot + lanes) : oneSlot..<(oneSlot + 1) }

    /// The slot of a table that is not spread.
    package var oneSlot: Int { firstSlot + LaneHash.lane(nameHash, of: lanes) }

    /// The slot of a key, by the hashes of its columns in their order.
    package func slot(_ columns: [UInt64]) -> Int {
        firstSlot + LaneHash.lane(columns.reduce(nameHash) { LaneHash.add($1, to: $0) }, of: lanes)
    }
}

/// The hash that spreads rows. It is the same in every process and on every machine, for a plan outlives both.
package enum LaneHash {
    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Of a table's name: of the bytes of `schema.table`, without quotes, as plans of earlier versions have it.
    package static func of(_ table: QualifiedName) -> UInt64 {
        var name = table.schema.text + "." + table.name.text
        return name.withUTF8 { unsafe of($0) }
    }

    /// Of a value's text.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = seed ^ UInt64(bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            hash = unsafe add(
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)), to: hash)
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            unsafe rest = rest << 8 | UInt64(bytes[offset])
            offset += 1
        }
        return add(rest, to: hash)
    }

    private static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        unsafe of(UnsafeRawBufferPointer(bytes))
    }

    /// Of NULL, in a key's place.
    package static let null: UInt64 = 0x9E37_79B9_7F4A_7C15

    package static func add(_ value: UInt64, to hash: UInt64) -> UInt64 {
        var mixed = (hash ^ value) &* 0xFF51_AFD7_ED55_8CCD
        mixed ^= mixed >> 32
        mixed &*= 0xC4CE_B9FE_1A85_EC53
        return mixed ^ (mixed >> 29)
    }

    /// A lane below `count`, all alike.
    package static func lane(_ hash: UInt64, of count: Int) -> Int {
        Int(add(0, to: hash).multipliedFullWidth(by: UInt64(count)).high)
    }
}
