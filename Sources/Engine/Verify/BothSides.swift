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
    /// What the pass under way has read of its tables; nil before the first.
    private var ground: ProofGround?

    private static let pollMicroseconds: UInt32 = 5_000
    /// Time that transactions on the origin have to be seen before rows stay undecided.
    private static let seenSecondsMax = 2.0

    init(_ context: RoleContext, _ leg: Leg, secondsMax: Double) throws {
        self.context = context
        self.leg = leg
        self.secondsMax = secondsMax
        let stop = context.stop
        origin = try context.side(leg.direction.origin).rowReader(as: "verify") { try stop.check() }
        destination = try context.side(leg.direction.destination).rowReader(as: "verify") {
            try stop.check()
        }
    }

    /// Begins a pass over tables, and reads what its proofs stand on.
    func begin(_ tables: [QualifiedName]) throws -> ProofGround {
        let ground = try ProofGround(of: tables, leg, context)
        self.ground = ground
        return ground
    }

    /// Throws if what was read on the destination may lack changes of the table that were passed over.
    func checkApplied(_ table: VerifiedTable) throws {
        try ground?.checkApplied(table.table.name, context)
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
                    + "changes stream; verify them in a cutover, with --verify true")
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

    /// Makes readings of a table on both sides. All of the origin come before the wait, and all of the
    /// destination after it.
    func read(_ readings: [RangeCheck.Reading], of table: VerifiedTable) throws -> [RangeCheck.Answer] {
        let before = try readings.map { try Self.rowsOfKeys($0, table, destination) }
        let left = try readings.map { try Self.read($0, table, origin) }
        try awaitApplied()
        let right = try readings.map { try Self.read($0, table, destination) }
        try checkApplied(table)
        let isSeen = try Self.areKeysEqual(readings, left, right) || awaitSeen(table)
        let after = try readings.map { try Self.rowsOfKeys($0, table, origin) }
        return readings.indices.map { index in
            switch (readings[index], left[index], right[index]) {
            case (_, .digests(let left), .digests(let right)): .digests(origin: left, destination: right)
            case (.keys(let keys), .rows(let left), .rows(let right)):
                .readings(
                    Self.readings(
                        keys, before: before[index], origin: left, destination: right, after: after[index],
                        isSeen: isSeen))
            case (_, .rows(let left), .rows(let right)): .rows(origin: left, destination: right)
            case (_, .digests, .rows), (_, .rows, .digests):
                preconditionFailure("both sides are read alike")
            }
        }
    }

    /// Waits until what may be applied on the destination already can be seen on the origin: a transaction is
    /// in the log before its commit has ended. Returns false after a bound.
    private func awaitSeen(_ table: VerifiedTable) throws -> Bool {
        let began = monotonicSeconds()
        var unseen = try origin.committing(to: table.table)
        while !unseen.isEmpty {
            try context.stop.check()
            guard monotonicSeconds() - began < Self.seenSecondsMax else { return false }
            usleep(Self.pollMicroseconds)
            unseen.formIntersection(try origin.committing(to: table.table))
        }
        return true
    }

    /// Whether rows that are read by their keys are alike on both sides; also true if none are read so.
    private static func areKeysEqual(
        _ readings: [RangeCheck.Reading], _ left: [Part], _ right: [Part]
    ) -> Bool {
        readings.indices.allSatisfy { index in
            guard
                case (.keys, .rows(let left), .rows(let right)) = (
                    readings[index], left[index], right[index]
                )
            else { return true }
            return byKey(left).mapValues(\.digest) == byKey(right).mapValues(\.digest)
        }
    }

    /// What is read on one side.
    private enum Part {
        case digests([Int: RowDigest])
        case rows([ReadRow])
    }

    private static func read(
        _ reading: RangeCheck.Reading, _ table: VerifiedTable, _ reader: any RowReader
    ) throws -> Part {
        switch reading {
        case .digests(let range, let buckets):
            .digests(try reader.digests(of: table, in: range, buckets: buckets))
        case .rows(let range): .rows(try reader.rows(of: table, in: range))
        case .keys(let keys): .rows(try reader.rows(of: table, keys: keys))
        }
    }

    /// Reads the rows of keys once more, before or after the others; nothing for other readings.
    private static func rowsOfKeys(
        _ reading: RangeCheck.Reading, _ table: VerifiedTable, _ reader: any RowReader
    ) throws -> [ReadRow] {
        switch reading {
        case .keys(let keys): try reader.rows(of: table, keys: keys)
        case .digests, .rows: []
        }
    }

    private static func readings(
        _ keys: [RowKey], before: [ReadRow], origin: [ReadRow], destination: [ReadRow], after: [ReadRow],
        isSeen: Bool
    ) -> [RowKey: RowReadings] {
        let (before, origin) = (byKey(before), byKey(origin))
        let (destination, after) = (byKey(destination), byKey(after))
        return Dictionary(
            uniqueKeysWithValues: keys.map { key in
                (
                    key,
                    RowReadings(
                        destinationBefore: before[key], origin: origin[key], destination: destination[key],
                        originAfter: after[key], isOriginSeen: isSeen)
                )
            })
    }

    private static func byKey(_ rows: [ReadRow]) -> [RowKey: ReadRow] {
        Dictionary(rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
