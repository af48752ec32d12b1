import Foundation
import Records

/// The readers of the origin and the destination of a leg, and the wait between their readings: what the
/// origin's reading can contain is applied on the destination before that is read.
final class BothSides {
    let origin: any RowReader
    let destination: any RowReader
    private let context: RoleContext
    private let leg: Leg
    private let secondsMax: Double

    private static let pollMicroseconds: UInt32 = 5_000

    init(_ context: RoleContext, _ leg: Leg, secondsMax: Double) throws {
        self.context = context
        self.leg = leg
        self.secondsMax = secondsMax
        origin = try context.side(leg.direction.origin).rowReader(as: "verify")
        destination = try context.side(leg.direction.destination).rowReader(as: "verify")
    }

    /// Returns how far changes are applied, without those of the tables that are not verified.
    func applied() throws -> LogPosition {
        let record = try context.record()
        let others = Set(record.excluded.map(\.table) + record.setAsideTables.map(\.table))
        return try ChannelPlanStore(context: context, leg: leg).watermark(
            of: try destination.channels(), withoutTables: others
        ).appliedLSN
    }

    /// Waits until everything that was committed on the origin before the call is applied.
    func awaitApplied() throws {
        guard let end = try origin.logEnd() else {
            throw RequestRefused(
                "\(origin.place) has no log whose end can be read, so its rows cannot be verified while "
                    + "changes stream; verify them in a cutover, with --verify")
        }
        let began = monotonicSeconds()
        guard try applied() < end else { return }
        // On an idle origin only this transaction takes the destination to the end of the log.
        try context.origin(of: leg).writeBarrier(Barrier.own)
        while try applied() < end {
            try context.stop.check()
            guard monotonicSeconds() - began < secondsMax else {
                throw RequestRefused(
                    "\(destination.place) did not apply what was written to \(origin.place) before \(end) "
                        + "within \(Int(secondsMax)) s; see that the export and the import run, then verify "
                        + "again")
            }
            usleep(Self.pollMicroseconds)
        }
    }

    /// Reads the same of the origin and, after it is applied, of the destination.
    func read<R>(_ body: (any RowReader) throws -> R) throws -> (origin: R, destination: R) {
        let left = try body(origin)
        try awaitApplied()
        return (left, try body(destination))
    }

    /// Makes the four readings of rows.
    func readings(of table: VerifiedTable, _ keys: [RowKey]) throws -> [RowKey: RowReadings] {
        let before = try Self.byKey(destination.rows(of: table, keys: keys))
        let (left, right) = try read { try Self.byKey($0.rows(of: table, keys: keys)) }
        let after = try Self.byKey(origin.rows(of: table, keys: keys))
        return Dictionary(
            uniqueKeysWithValues: keys.map { key in
                (
                    key,
                    RowReadings(
                        destinationBefore: before[key], origin: left[key], destination: right[key],
                        originAfter: after[key])
                )
            })
    }

    private static func byKey(_ rows: [ReadRow]) -> [RowKey: ReadRow] {
        Dictionary(rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
