import Foundation
import Records

/// One pass over the tables of a leg while changes stream. It reads ranges of rows on the origin, waits until
/// what they can contain is applied, and reads the same ranges on the destination.
///
/// It has the digests of two batches of ranges in memory, the rows of a few ranges that differ, and the
/// differences up to their bound.
final class RowVerification {
    private let context: RoleContext
    private let leg: Leg
    private let options: VerifyOptions
    private let sides: BothSides
    private let ahead: OriginRanges
    private let published: VerifyStatusWriter

    private static let pollMicroseconds: UInt32 = 50_000
    /// Number of ranges that differ and are looked into at once; it bounds the rows in memory.
    private static let openMax = 4
    /// Number of keys whose values are read at once.
    private static let valuesMax = 100

    init(context: RoleContext, leg: Leg, options: VerifyOptions, published: VerifyStatusWriter) throws {
        self.context = context
        self.leg = leg
        self.options = options
        self.published = published
        sides = try BothSides(context, leg, secondsMax: options.appliedSecondsMax)
        ahead = OriginRanges(context, leg.direction.origin)
    }

    func pass() throws -> VerifyReport {
        var report = VerifyReport(direction: leg.direction, startedAt: secondsNow())
        let tables = try tables(&report)
        let ground = try sides.begin(tables.map(\.table.name))
        for table in tables {
            let began = report.tables.count
            do {
                report.tables.append(VerifyReport.Entry(table: table.table.name))
                try verify(table, &report)
            } catch let error as any DatabaseError where error.refusesStatement {
                // The table is not what it was on one side. Others may be.
                report.tables[began].reason = error.description
            } catch let error as TableNotVerified {
                report.tables[began].reason = error.reason
            }
            report.tables[began].endedAt = secondsNow()
            try RowProof.keep(report.tables[began], of: table.table, on: ground, context.journal)
            published.note(report)
        }
        report.endedAt = secondsNow()
        return report
    }

    /// Returns the chosen tables as the origin has them now, and reports those that cannot be verified.
    private func tables(_ report: inout VerifyReport) throws -> [VerifiedTable] {
        let record = try context.record()
        let patterns = options.tables.map(NamePattern.init)
        let wanted = try ComparedTables.all(context).map(\.name).filter { name in
            patterns.isEmpty || patterns.contains { $0.matches(name) }
        }
        guard !wanted.isEmpty else {
            throw RequestRefused("no migrated table has a name like \(options.tables.listed)")
        }
        let (origin, destination) = (leg.direction.origin, leg.direction.destination)
        let found = Self.byName(try context.side(origin).tables())
        let others = Self.byName(try context.side(destination).tables())
        return wanted.sorted().compactMap { name in
            var entry = VerifyReport.Entry(table: name)
            if let aside = record.setAsideTables.first(where: { $0.table == name }) {
                entry.reason = "the table is set aside: \(aside.reason)"
            } else if found[name] == nil {
                entry.reason = "\(origin.rawValue) has no such table"
            } else if others[name] == nil {
                entry.reason = "\(destination.rawValue) has no such table"
            }
            guard entry.reason == nil, let table = found[name], let other = others[name] else {
                report.tables.append(entry)
                return nil
            }
            return VerifiedTable(
                table: table,
                comparesPartitions: table.isPartitioned && other.isPartitioned
                    && Set(table.leaves) == Set(other.leaves))
        }
    }

    private static func byName(_ tables: [Table]) -> [QualifiedName: Table] {
        Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0) })
    }

    // MARK: One table

    private func verify(_ table: VerifiedTable, _ report: inout VerifyReport) throws {
        let index = report.tables.count - 1
        let hasRanges =
            try sides.origin.findsRanges(of: table.table)
            && sides.destination.findsRanges(of: table.table)
        var began = monotonicSeconds()
        var position = try sides.applied()
        try ahead.begin(OriginRanges.Order(table: table, after: nil, hasRanges: hasRanges))
        while true {
            let batch = try ahead.take()
            let (batchBegan, batchPosition) = (began, position)
            if !batch.isAtEnd {
                (began, position) = (monotonicSeconds(), try sides.applied())
                try ahead.begin(OriginRanges.Order(table: table, after: batch.last, hasRanges: hasRanges))
            }
            try sides.awaitApplied()
            var checks = try batch.ranges.map { range, digests in
                var check = RangeCheck(range, of: table.table.name)
                check.take(
                    origin: digests,
                    destination: try sides.destination.digests(of: table, in: range, buckets: 1))
                return check
            }
            try sides.checkApplied(table)
            try finish(&checks, table)
            for check in checks { try take(check, table, index, &report) }
            // The oldest one holds for all ranges.
            report.tables[index].position = report.tables[index].position ?? batchPosition
            published.note(report)
            try keepPace(rows: checks.map(\.rows).reduce(0, +), since: batchBegan)
            if batch.isAtEnd { return }
        }
    }

    /// Makes the readings that the checks ask for, until all have ended. They share the waits.
    private func finish(_ checks: inout [RangeCheck], _ table: VerifiedTable) throws {
        while true {
            let open = checks.indices.filter { checks[$0].next != nil }.prefix(Self.openMax)
            guard !open.isEmpty else { return }
            let answers = try sides.read(open.compactMap { checks[$0].next }, of: table)
            for (index, answer) in zip(open, answers) { checks[index].take(answer) }
        }
    }

    private func take(
        _ check: RangeCheck, _ table: VerifiedTable, _ index: Int, _ report: inout VerifyReport
    ) throws {
        report.tables[index].rows += check.rows
        report.tables[index].differences += Int64(check.differences.count)
        report.tables[index].unsettledRows += Int64(check.unsettled.count)
        report.tables[index].partsLeft += Int64(check.bucketsLeft)
        let room = max(0, options.differencesMax - report.differences.count)
        var rest = check.differences.prefix(room)
        while !rest.isEmpty {
            let some = try withValues(Array(rest.prefix(Self.valuesMax)), table)
            rest = rest.dropFirst(Self.valuesMax)
            report.differences += some
            report.repairs += some.flatMap { sides.destination.repair($0, of: table) }
        }
    }

    /// Reads the values of both sides. They may have changed since the rows were blamed.
    private func withValues(_ differences: [RowDifference], _ table: VerifiedTable) throws
        -> [RowDifference]
    {
        let keys = differences.map(\.key)
        let left = try sides.origin.values(of: table, keys: keys)
        let right = try sides.destination.values(of: table, keys: keys)
        try sides.checkApplied(table)
        return differences.map { difference in
            var full = difference
            full.take(
                origin: left[difference.key], destination: right[difference.key], names: table.valueNames)
            return full
        }
    }

    /// Waits so long that no more rows are read in a second than the operator allows.
    private func keepPace(rows: Int64, since began: Double) throws {
        guard let most = options.rowsPerSecondMax else { return }
        let until = began + Double(rows) / Double(most)
        while monotonicSeconds() < until {
            try context.stop.check()
            usleep(Self.pollMicroseconds)
        }
    }
}
