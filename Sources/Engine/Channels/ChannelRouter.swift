import Records

/// The router of changes to channels. It reads a message in place and allocates nothing.
package final class ChannelRouter {
    /// The channel of a change, by its index in the plan.
    package enum Place: Equatable {
        case channel(Int)
        /// An update that moves a row from a key of one channel to a key of another.
        case move(from: Int, to: Int)
        /// The key was not sent.
        case unknown
        /// A truncate: all channels of its tables.
        case tables
    }

    private let plan: ChannelPlan
    private var tables: [UInt32: Announced] = [:]
    private var oldColumns: [UInt64] = []
    private var newColumns: [UInt64] = []

    /// The relation that was used last: changes of one table often follow each other.
    private var latest: Announced?

    /// A relation with its route. A class, so that a change copies nothing of it.
    private final class Announced {
        let relation: RelationMessage
        let route: ChannelRoute
        let isSpread: Bool
        let channelIndex: Int
        /// Position of each sent column in the key, or -1.
        let keyPlaces: [Int]

        init(_ relation: RelationMessage, _ route: ChannelRoute) {
            self.relation = relation
            self.route = route
            isSpread = route.isSpread
            channelIndex = route.nameIndex
            keyPlaces = relation.columns.indices.map { route.keyIndexes.firstIndex(of: $0) ?? -1 }
        }
    }

    package init(_ plan: ChannelPlan) { self.plan = plan }

    package func announce(_ relation: RelationMessage) {
        if tables[relation.id]?.relation == relation { return }
        tables[relation.id] = Announced(relation, plan.route(of: relation))
        latest = nil
    }

    package func route(_ relation: UInt32) -> ChannelRoute? { tables[relation]?.route }

    /// Returns the place of an insert, update, delete or truncate.
    package func place(_ message: RawSpan) throws(MalformedMessage) -> Place {
        var cursor = MessageCursor()
        let letter = try cursor.byte(in: message)
        if letter == MessageKind.truncate { return .tables }
        let table = try announced(try cursor.uint32(in: message))
        guard table.isSpread else { return .channel(table.channelIndex) }
        var kind = try cursor.byte(in: message)
        newColumns.removeAll(keepingCapacity: true)
        guard letter == MessageKind.update else {
            guard try read(&cursor, message, table, into: &newColumns) else { return .unknown }
            return .channel(table.route.channelIndex(newColumns))
        }
        var hasOld = false
        if kind != TupleKind.new {
            oldColumns.removeAll(keepingCapacity: true)
            guard try read(&cursor, message, table, into: &oldColumns) else { return .unknown }
            hasOld = true
            kind = try cursor.byte(in: message)
        }
        // A key column that was not sent again has kept its value.
        if hasOld { newColumns.append(contentsOf: oldColumns) }
        let isWhole = try read(&cursor, message, table, into: &newColumns)
        guard isWhole || hasOld else { return .unknown }
        let to = table.route.channelIndex(newColumns)
        guard hasOld else { return .channel(to) }
        let from = table.route.channelIndex(oldColumns)
        return from == to ? .channel(to) : .move(from: from, to: to)
    }

    private func announced(_ relation: UInt32) throws(MalformedMessage) -> Announced {
        if let latest, latest.relation.id == relation { return latest }
        guard let table = tables[relation] else {
            throw MalformedMessage(offset: 1, expected: "a relation that was announced before")
        }
        latest = table
        return table
    }

    /// Reads the hashes of a tuple's key columns; returns false if one was not sent, which leaves its entry
    /// as it was.
    private func read(
        _ cursor: inout MessageCursor, _ message: RawSpan, _ table: Announced, into columns: inout [UInt64]
    ) throws(MalformedMessage) -> Bool {
        while columns.count < table.route.keyIndexes.count { columns.append(0) }
        var isWhole = true
        let count = Int(try cursor.uint16(in: message))
        guard count == table.keyPlaces.count else {
            throw MalformedMessage(
                offset: cursor.offset - 2, expected: "as many columns as the relation has")
        }
        for column in 0..<count {
            let place = table.keyPlaces[column]
            switch try cursor.byte(in: message) {
            case ValueKind.null: if place >= 0 { columns[place] = ChannelHash.null }
            case ValueKind.unchanged: if place >= 0 { isWhole = false }
            case ValueKind.text:
                let length = Int(try cursor.uint32(in: message))
                let range = try cursor.bytes(length, in: message)
                // The cursor has checked that the range is inside the message.
                if place >= 0 {
                    columns[place] = unsafe message.extracting(range).withUnsafeBytes {
                        unsafe ChannelHash.of($0)
                    }
                }
            default:
                throw MalformedMessage(offset: cursor.offset - 1, expected: "a column kind n, u or t")
            }
        }
        return isWhole
    }
}
