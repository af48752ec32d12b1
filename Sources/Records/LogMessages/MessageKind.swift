/// The first byte of a message of `pgoutput`, by what the message is (manual chapter "Logical Replication
/// Message Formats").
///
/// The letters are constants, not cases: a switch over them compares the byte itself, in every module. An
/// enum would have to be made from the byte first, several times for each row.
public enum MessageKind {
    // Protocol 1, and the segment log.
    @inlinable @inline(__always) public static var begin: UInt8 { UInt8(ascii: "B") }
    @inlinable @inline(__always) public static var commit: UInt8 { UInt8(ascii: "C") }
    @inlinable @inline(__always) public static var origin: UInt8 { UInt8(ascii: "O") }
    @inlinable @inline(__always) public static var relation: UInt8 { UInt8(ascii: "R") }
    @inlinable @inline(__always) public static var type: UInt8 { UInt8(ascii: "Y") }
    @inlinable @inline(__always) public static var insert: UInt8 { UInt8(ascii: "I") }
    @inlinable @inline(__always) public static var update: UInt8 { UInt8(ascii: "U") }
    @inlinable @inline(__always) public static var delete: UInt8 { UInt8(ascii: "D") }
    @inlinable @inline(__always) public static var truncate: UInt8 { UInt8(ascii: "T") }
    @inlinable @inline(__always) public static var message: UInt8 { UInt8(ascii: "M") }

    // Protocol 2: transactions that are streamed before their commit.
    @inlinable @inline(__always) public static var streamStart: UInt8 { UInt8(ascii: "S") }
    @inlinable @inline(__always) public static var streamStop: UInt8 { UInt8(ascii: "E") }
    @inlinable @inline(__always) public static var streamCommit: UInt8 { UInt8(ascii: "c") }
    @inlinable @inline(__always) public static var streamAbort: UInt8 { UInt8(ascii: "A") }

    // Protocol 3: two-phase commits.
    @inlinable @inline(__always) public static var beginPrepare: UInt8 { UInt8(ascii: "b") }
    @inlinable @inline(__always) public static var prepare: UInt8 { UInt8(ascii: "P") }
    @inlinable @inline(__always) public static var commitPrepared: UInt8 { UInt8(ascii: "K") }
    @inlinable @inline(__always) public static var rollbackPrepared: UInt8 { UInt8(ascii: "r") }
    @inlinable @inline(__always) public static var streamPrepare: UInt8 { UInt8(ascii: "p") }
}

/// The letter before a tuple of an insert, update or delete.
public enum TupleKind {
    /// The old key: the columns of the replica identity.
    @inlinable @inline(__always) public static var oldKey: UInt8 { UInt8(ascii: "K") }
    /// The whole old row.
    @inlinable @inline(__always) public static var oldRow: UInt8 { UInt8(ascii: "O") }
    /// The new row.
    @inlinable @inline(__always) public static var new: UInt8 { UInt8(ascii: "N") }
}

/// The letter before a column's value in a tuple: the form of the value, or why none follows.
public enum ValueKind {
    @inlinable @inline(__always) public static var null: UInt8 { UInt8(ascii: "n") }
    /// Not sent, because it did not change.
    @inlinable @inline(__always) public static var unchanged: UInt8 { UInt8(ascii: "u") }
    @inlinable @inline(__always) public static var text: UInt8 { UInt8(ascii: "t") }
    @inlinable @inline(__always) public static var binary: UInt8 { UInt8(ascii: "b") }
}
