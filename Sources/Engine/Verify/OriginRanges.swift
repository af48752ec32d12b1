import Foundation
import Records

/// The reading of a table's ranges on the origin, one batch ahead of the destination. It has a thread and a
/// connection of its own, so that both servers work at the same time.
final class OriginRanges {
    /// Where a batch begins.
    struct Order: Sendable {
        let table: VerifiedTable
        let after: RowKey?
        /// Whether the table is read in ranges, and not as a whole.
        let hasRanges: Bool
        /// Number of rows after which a batch ends; nil for no bound.
        let rowsMax: Int64?
    }

    /// Ranges that follow one another, with their digests.
    struct Batch: Sendable {
        var ranges: [(range: RowRange, digests: [Int: RowDigest])] = []
        var last: RowKey?
        var isAtEnd = false
    }

    /// Time for which ranges are read before the destination reads them.
    private static let secondsMax = 1.0
    /// Greatest number of ranges of a batch; it bounds the digests in memory.
    private static let rangesMax = 1_000
    private static let pollMicroseconds: UInt32 = 5_000

    private let thread: SideThread<Order, Batch>
    private let stop: StopSignal

    init(_ context: RoleContext, _ side: Side) {
        let stop = context.stop
        self.stop = stop
        thread = SideThread(name: "verify") {
            var reader: (any RowReader)?
            return { order in
                let current =
                    try reader
                    ?? context.side(side).rowReader(as: "verify") { try stop.check() }
                reader = current
                return try Self.read(order, current, stop)
            }
        }
    }

    private static func read(_ order: Order, _ reader: any RowReader, _ stop: StopSignal) throws -> Batch {
        var batch = Batch(last: order.after)
        let began = monotonicSeconds()
        var rows: Int64 = 0
        repeat {
            try stop.check()
            let through =
                order.hasRanges
                ? try reader.key(of: order.table, after: batch.last, rows: Int(RangeCheck.rowsMax)) : nil
            let range = RowRange(after: batch.last, through: through)
            let digests = try reader.digests(of: order.table, in: range, buckets: 1)
            rows += digests.values.reduce(0) { $0 + $1.rows }
            batch.ranges.append((range, digests))
            batch.last = through
            batch.isAtEnd = through == nil
        } while !batch.isAtEnd && batch.ranges.count < rangesMax && rows < order.rowsMax ?? .max
            && monotonicSeconds() - began < secondsMax
        return batch
    }

    /// Begins to read a batch. One that was begun before, and not taken, is discarded.
    func begin(_ order: Order) throws {
        thread.discard()
        while !thread.isIdle {
            try stop.check()
            usleep(Self.pollMicroseconds)
        }
        thread.begin(order)
    }

    /// Waits for the batch that was begun; throws the error of its reading.
    func take() throws -> Batch { try thread.take(wait: true) ?? Batch(isAtEnd: true) }
}
