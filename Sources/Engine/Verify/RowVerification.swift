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
    /// The rows of the table that is being read about which nothing is proved.
    private var openKeys = OpenKeys()
    /// Size of the values of the differences that are kept.
    private var valueBytes = 0
    /// Called before each batch of ranges; it waits while something else has to come first.
    var awaitTurn: () throws -> Void = {}

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

    /// Makes a pass, or continues one that another process has begun.
    ///
    /// - Parameters:
    ///   - number: of the pass
    ///   - begun: the pass so far; nil for a new one
    ///   - keep: called after each batch of ranges with the pass so far
    func pass(
        _ number: Int = 1, from begun: VerificationCourse? = nil,
        keeping keep: (VerificationCourse) throws -> Void = { _ in }
    ) throws -> VerifyReport {
        var report = begun?.report ?? VerifyReport(direction: leg.direction, startedAt: secondsNow())
        valueBytes = report.differences.reduce(0) { $0 + $1.valueBytes }
        let done = Set(report.tables.map(\.table)).filter { $0 != begun?.reading?.table }
        let tables = try tables(&report, besides: done)
        let ground = try sides.begin(tables.map(\.table.name))
        for table in tables {
            let after = try begin(table, begun?.reading, ground, &report)
            guard let index = report.tables.firstIndex(where: { $0.table == table.table.name }) else {
                continue
            }
            do {
                try verify(table, after: after, index, &report) { report, after in
                    let reading = VerificationCourse.Reading(
                        table: table.table.name, columns: table.table.sentColumns,
                        storage: ground.storage(of: table.table.name),
                        lapses: ground.lapses(of: table.table.name), after: after, openKeys: openKeys)
                    try keep(
                        VerificationCourse(leg: leg.number, pass: number, report: report, reading: reading))
                }
            } catch let error as any DatabaseError where error.refusesStatement {
                // The table is not what it was on one side. Others may be.
                report.tables[index].reason = error.description
            } catch let error as TableNotVerified {
                report.tables[index].reason = error.reason
            }
            report.tables[index].endedAt = secondsNow()
            try RowProof.keep(report.tables[index], openKeys, of: table.table, on: ground, context.journal)
            try keep(VerificationCourse(leg: leg.number, pass: number, report: report, reading: nil))
            published.note(report)
        }
        if options.tables.isEmpty {
            report.sequences = try SequenceComparison(context: context, leg: leg).differences()
        }
        report.endedAt = secondsNow()
        return report
    }

    /// Begins a table, or continues with it. Returns the key through which it is read already.
    private func begin(
        _ table: VerifiedTable, _ reading: VerificationCourse.Reading?, _ ground: ProofGround,
        _ report: inout VerifyReport
    ) throws -> RowKey? {
        let name = table.table.name
        if let reading, reading.table == name, reading.columns == table.table.sentColumns,
            reading.storage == ground.storage(of: name), reading.lapses == ground.lapses(of: name),
            report.tables.contains(where: { $0.table == name })
        {
            openKeys = reading.openKeys
            return reading.after
        }
        report.tables.removeAll { $0.table == name }
        report.differences.removeAll { $0.table == name }
        var entry = VerifyReport.Entry(table: name)
        entry.changesBefore = try exportedChanges(name)
        report.tables.append(entry)
        openKeys = OpenKeys()
        return nil
    }

    /// Number of changes of a table that the export has published; nil if it has published nothing.
    private func exportedChanges(_ name: QualifiedName) throws -> Int64? {
        let path = StatusFile.path(context.exportDirectory, .capture)
        guard let published = StatusFile.read(CaptureStatus.self, from: path), published.status.isOf(leg)
        else {
            return nil
        }
        // The status sums the legs of a direction.
        let before = try context.record().legs.filter {
            $0.direction == leg.direction && $0.number < leg.number
        }
        return try before.reduce(published.tables[name]?.total ?? 0) { sum, leg in
            sum
                + (try LegCounts.read(leg: leg.number, exported: true, journal: context.journal)?[name]?.total
                    ?? 0)
        }
    }

    /// Returns the chosen tables as the origin has them now, and reports those that cannot be verified.
    private func tables(_ report: inout VerifyReport, besides done: Set<QualifiedName>) throws
        -> [VerifiedTable]
    {
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
        published.begin(rows: wanted.reduce(0) { $0 + max(0, found[$1]?.rowsEstimate ?? 0) })
        return wanted.sorted().filter { !done.contains($0) }.compactMap { name in
            var entry = VerifyReport.Entry(table: name)
            if let aside = record.setAsideTables.first(where: { $0.table == name }) {
                entry.reason = "the table is set aside: \(aside.reason)"
            } else if found[name] == nil {
                entry.reason = "\(origin.rawValue) has no such table"
            } else if others[name] == nil {
                entry.reason = "\(destination.rawValue) has no such table"
            }
            guard entry.reason == nil, let table = found[name], let other = others[name] else {
                report.tables.removeAll { $0.table == name }
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

    private func verify(
        _ table: VerifiedTable, after: RowKey?, _ index: Int, _ report: inout VerifyReport,
        keeping keep: (VerifyReport, RowKey) throws -> Void
    ) throws {
        let hasRanges =
            try sides.origin.findsRanges(of: table.table)
            && sides.destination.findsRanges(of: table.table)
        var began = monotonicSeconds()
        var position = try sides.applied()
        try ahead.begin(
            OriginRanges.Order(
                table: table, after: hasRanges ? after : nil, hasRanges: hasRanges,
                rowsMax: options.rowsPerSecondMax.map(Int64.init)))
        while true {
            try awaitTurn()
            let batch = try ahead.take()
            let (batchBegan, batchPosition) = (began, position)
            if !batch.isAtEnd {
                (began, position) = (monotonicSeconds(), try sides.applied())
                try ahead.begin(
                    OriginRanges.Order(
                        table: table, after: batch.last, hasRanges: hasRanges,
                        rowsMax: options.rowsPerSecondMax.map(Int64.init)))
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
            if let last = batch.last, !batch.isAtEnd { try keep(report, last) }
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
        openKeys.take(check, of: table)
        let room = max(0, options.differencesMax - report.differences.count)
        var rest = check.differences.prefix(room)
        while !rest.isEmpty {
            let some = try withValues(Array(rest.prefix(Self.valuesMax)), table)
            rest = rest.dropFirst(Self.valuesMax)
            report.differences += some.map(withinBound)
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
            full.repair = sides.destination.repair(full, of: table)
            return full
        }
    }

    /// Returns the difference, without values if too many are in memory.
    private func withinBound(_ difference: RowDifference) -> RowDifference {
        let bytes = difference.valueBytes
        guard valueBytes + bytes <= options.valueBytesMax else { return difference.withoutValues }
        valueBytes += bytes
        return difference
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
