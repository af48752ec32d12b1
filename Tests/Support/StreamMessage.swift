/// Messages of pgoutput, built by hand after the manual's "Logical Replication Message Formats".
package enum StreamMessage {
    /// A column's value in a tuple.
    package enum Value: Sendable {
        case null
        case unchanged
        case text(String)
        case binary([UInt8])

        var bytes: [UInt8] {
            switch self {
            case .null: Array("n".utf8)
            case .unchanged: Array("u".utf8)
            case .text(let text): Array("t".utf8) + integer(UInt32(text.utf8.count)) + Array(text.utf8)
            case .binary(let bytes): Array("b".utf8) + integer(UInt32(bytes.count)) + bytes
            }
        }
    }

    package static func begin(_ lsn: UInt64, time: Int64 = 7, transaction: UInt32 = 3) -> [UInt8] {
        Array("B".utf8) + integer(lsn) + integer(UInt64(bitPattern: time)) + integer(transaction)
    }

    package static func commit(_ lsn: UInt64, end: UInt64? = nil, time: Int64 = 7) -> [UInt8] {
        Array("C".utf8) + [0] + integer(lsn) + integer(end ?? lsn + 8) + integer(UInt64(bitPattern: time))
    }

    package static func relation(
        _ id: UInt32, _ schema: String, _ name: String, identity: Character = "d",
        columns: [(name: String, isKey: Bool)]
    ) -> [UInt8] {
        var bytes = Array("R".utf8) + integer(id) + string(schema) + string(name)
        bytes += Array(String(identity).utf8) + integer(UInt16(columns.count))
        for column in columns {
            bytes += [column.isKey ? 1 : 0] + string(column.name) + integer(UInt32(25)) + integer(UInt32.max)
        }
        return bytes
    }

    package static func insert(_ relation: UInt32, _ values: [Value]) -> [UInt8] {
        Array("I".utf8) + integer(relation) + Array("N".utf8) + tuple(values)
    }

    package static func update(
        _ relation: UInt32, old: [Value]? = nil, oldKind: Character = "K", _ values: [Value]
    ) -> [UInt8] {
        var bytes = Array("U".utf8) + integer(relation)
        if let old { bytes += Array(String(oldKind).utf8) + tuple(old) }
        return bytes + Array("N".utf8) + tuple(values)
    }

    package static func delete(_ relation: UInt32, _ old: [Value], kind: Character = "K") -> [UInt8] {
        Array("D".utf8) + integer(relation) + Array(String(kind).utf8) + tuple(old)
    }

    package static func truncate(_ relations: [UInt32], options: UInt8 = 0) -> [UInt8] {
        Array("T".utf8) + integer(UInt32(relations.count)) + [options] + relations.flatMap { integer($0) }
    }

    package static func logical(
        _ content: String, prefix: String, isTransactional: Bool = true, lsn: UInt64 = 1
    )
        -> [UInt8]
    {
        Array("M".utf8) + [isTransactional ? 1 : 0] + integer(lsn) + string(prefix)
            + integer(UInt32(content.utf8.count)) + Array(content.utf8)
    }

    package static let origin = Array("O".utf8) + integer(UInt64(9)) + string("elsewhere")
    package static let type = Array("Y".utf8) + integer(UInt32(4711)) + string("public") + string("mood")

    // MARK: Protocols 2 to 4

    /// A message inside a stream block.
    package static func inBlock(_ message: [UInt8], of transaction: UInt32) -> [UInt8] {
        [message[0]] + integer(transaction) + message[1...]
    }

    package static func streamStart(_ transaction: UInt32, isFirst: Bool) -> [UInt8] {
        Array("S".utf8) + integer(transaction) + [isFirst ? 1 : 0]
    }

    package static let streamStop = Array("E".utf8)

    package static func streamCommit(
        _ transaction: UInt32, _ lsn: UInt64, end: UInt64? = nil, time: Int64 = 7
    )
        -> [UInt8]
    {
        Array("c".utf8) + integer(transaction) + commit(lsn, end: end, time: time)[1...]
    }

    /// A stream abort message; with a position, it has position and time as `streaming 'parallel'` sends
    /// them.
    package static func streamAbort(_ transaction: UInt32, _ subtransaction: UInt32, lsn: UInt64? = nil)
        -> [UInt8]
    {
        let bytes = Array("A".utf8) + integer(transaction) + integer(subtransaction)
        return lsn.map { bytes + integer($0) + integer(UInt64(7)) } ?? bytes
    }

    /// A message of a two-phase commit: `b`, `P`, `K`, `r` or `p`.
    package static func prepared(_ letter: Character, lsn: UInt64, transaction: UInt32, _ name: String)
        -> [UInt8]
    {
        var bytes = Array(String(letter).utf8)
        if letter != "b" { bytes.append(0) }
        bytes += integer(lsn) + integer(lsn + 8) + integer(UInt64(7))
        if letter == "r" { bytes += integer(UInt64(8)) }
        return bytes + integer(transaction) + string(name)
    }

    private static func tuple(_ values: [Value]) -> [UInt8] {
        integer(UInt16(values.count)) + values.flatMap(\.bytes)
    }

    private static func string(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

    private static func integer(_ value: some FixedWidthInteger) -> [UInt8] {
        stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// Calls a body with bytes as the span that readers of messages take.
package func lend<R>(_ bytes: [UInt8], to body: (RawSpan) throws -> R) rethrows -> R {
    // Sound: the array outlives the span, which is used only within this call.
    try unsafe body(bytes.span.bytes)
}
