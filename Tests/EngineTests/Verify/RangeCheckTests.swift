import Records
import Testing

@testable import Engine

/// The verification as a value: what four readings prove, and which reading follows.
@Suite struct RangeCheckTests {
    private static func row(_ key: String, _ sum: String, version: String = "1", rows: Int64 = 1) -> ReadRow {
        ReadRow(key: RowKey([key]), digest: RowDigest(rows: rows, sum: sum), version: version)
    }

    @Test func `a row is blamed only if nobody wrote it between the readings`() {
        let (old, new) = (Self.row("1", "a"), Self.row("1", "b", version: "2"))
        // The origin's row stays, and the destination has another one, or none.
        #expect(
            RowReadings(destinationBefore: old, origin: new, destination: old, originAfter: new).verdict
                == .differs)
        #expect(
            RowReadings(destinationBefore: nil, origin: new, destination: nil, originAfter: new).verdict
                == .differs)
        // It was written meanwhile, perhaps twice, or removed.
        let back = Self.row("1", "b", version: "9")
        #expect(
            RowReadings(destinationBefore: old, origin: new, destination: old, originAfter: back).verdict
                == .undecided)
        #expect(
            RowReadings(destinationBefore: nil, origin: new, destination: nil, originAfter: nil).verdict
                == .undecided)
        #expect(
            RowReadings(destinationBefore: old, origin: new, destination: new, originAfter: nil).verdict
                == .equal)
    }

    @Test func `a row that only the destination has is blamed if it is the same before and after`() {
        let row = Self.row("1", "a")
        #expect(
            RowReadings(destinationBefore: row, origin: nil, destination: row, originAfter: nil).verdict
                == .differs)
        // It came in between, or the origin has it again.
        #expect(
            RowReadings(destinationBefore: nil, origin: nil, destination: row, originAfter: nil).verdict
                == .undecided)
        #expect(
            RowReadings(destinationBefore: row, origin: nil, destination: row, originAfter: row).verdict
                == .undecided)
        #expect(
            RowReadings(destinationBefore: row, origin: nil, destination: nil, originAfter: nil).verdict
                == .equal)
    }

    @Test func `equal digests prove a range with one reading`() {
        var check = RangeCheck(.all, of: "public.item")
        #expect(check.next == .digests(.all, buckets: 1) && !check.isProved)
        let digests = [0: RowDigest(rows: 7, sum: "s")]
        check.take(origin: digests, destination: digests)
        #expect(check.next == nil && check.isProved && check.rows == 7)
    }

    @Test func `a large range is divided, and only the buckets that differ are read`() throws {
        var check = RangeCheck(.all, of: "public.item")
        check.take(
            origin: [0: RowDigest(rows: 100_000, sum: "a")],
            destination: [0: RowDigest(rows: 99_999, sum: "b")])
        #expect(check.next == .digests(.all, buckets: 51))
        var (left, right): ([Int: RowDigest], [Int: RowDigest]) = ([:], [:])
        for bucket in 0..<51 {
            left[bucket] = RowDigest(rows: 1960, sum: "s")
            right[bucket] = RowDigest(rows: 1960, sum: bucket == 4 || bucket == 30 ? "other" : "s")
        }
        check.take(origin: left, destination: right)
        var part = RowRange.all
        part.bucket = RowRange.Bucket(number: 4, count: 51)
        #expect(check.next == .rows(part))
        check.take(
            origin: [Self.row("1", "a"), Self.row("2", "b")],
            destination: [Self.row("2", "x"), Self.row("3", "c")])
        let keys = ["1", "2", "3"].map { RowKey([$0]) }
        #expect(check.next == .keys(keys))
        let (one, two) = (Self.row("1", "a"), Self.row("2", "b"))
        check.take([
            keys[0]: RowReadings(
                destinationBefore: nil, origin: one, destination: nil, originAfter: one),
            keys[1]: RowReadings(
                destinationBefore: nil, origin: two, destination: Self.row("2", "x"),
                originAfter: Self.row("2", "n", version: "2")),
            keys[2]: RowReadings(destinationBefore: nil, origin: nil, destination: nil, originAfter: nil),
        ])
        #expect(check.differences.map(\.kind) == [.missing])
        // The row that was written is read again, and the next bucket after it.
        #expect(check.next == .keys([keys[1]]))
        check.take([
            keys[1]: RowReadings(
                destinationBefore: nil, origin: two, destination: two, originAfter: two)
        ])
        part.bucket = RowRange.Bucket(number: 30, count: 51)
        #expect(check.next == .rows(part))
        check.take(origin: [], destination: [])
        #expect(check.next == nil && !check.isProved && check.unsettled.isEmpty)
    }

    @Test func `a row that is written all the time is unproved, and no difference`() {
        var check = RangeCheck(.all, of: "public.item")
        check.take(
            origin: [0: RowDigest(rows: 1, sum: "a")], destination: [0: RowDigest(rows: 1, sum: "b")])
        check.take(origin: [Self.row("1", "a")], destination: [Self.row("1", "b")])
        var rounds = 0
        while case .keys(let keys) = check.next {
            rounds += 1
            check.take([
                keys[0]: RowReadings(
                    destinationBefore: nil, origin: Self.row("1", "a", version: "\(rounds)"),
                    destination: Self.row("1", "b"), originAfter: Self.row("1", "c", version: "x"))
            ])
        }
        #expect(rounds == RangeCheck.roundsMax && check.differences.isEmpty)
        #expect(check.unsettled == [RowKey(["1"])] && !check.isProved)
    }

    @Test func `more buckets than the bound are counted and not read`() {
        var check = RangeCheck(.all, of: "public.item")
        check.take(
            origin: [0: RowDigest(rows: 1_000_000, sum: "a")], destination: [0: RowDigest(rows: 0, sum: "b")])
        let all = Dictionary(uniqueKeysWithValues: (0..<501).map { ($0, RowDigest(rows: 2, sum: "s")) })
        // A second reading that proves nothing is the last one.
        for _ in 0..<2 {
            #expect(check.next == .digests(.all, buckets: 501))
            check.take(origin: all, destination: [:])
        }
        var read = 0
        while case .rows = check.next {
            read += 1
            check.take(origin: [], destination: [])
        }
        #expect(read == RangeCheck.bucketsMax && check.bucketsLeft == 501 - RangeCheck.bucketsMax)
        #expect(!check.isProved)
    }

    @Test func `buckets that differ because of changes in flight are read again, until they are proved`() {
        var check = RangeCheck(.all, of: "public.item")
        check.take(
            origin: [0: RowDigest(rows: 1_000_000, sum: "a")],
            destination: [0: RowDigest(rows: 1_000_000, sum: "b")])
        let all = Dictionary(uniqueKeysWithValues: (0..<501).map { ($0, RowDigest(rows: 2, sum: "s")) })
        // In each reading, another third of the buckets has a row that was written during the reading.
        var readings = 0
        while case .digests = check.next {
            var written = all
            for bucket in 0..<501 where bucket % 3 == readings % 3 {
                written[bucket] = RowDigest(rows: 2, sum: "\(readings)")
            }
            readings += 1
            check.take(origin: all, destination: written)
        }
        #expect(readings == 2 && check.isProved && check.bucketsLeft == 0)
    }

    @Test func `parts that were left are not proved, and no difference`() {
        var report = VerifyReport(direction: .forward, startedAt: 1)
        report.tables = [VerifyReport.Entry(table: "public.item")]
        report.tables[0].partsLeft = 3
        #expect(report.outcome == .unproved && !report.tables[0].isProved)
        report.tables[0].differences = 1
        #expect(report.outcome == .differs)
    }

    @Test func `keys and values that only look alike are different`() {
        let (composed, decomposed) = ("\u{e9}", "e\u{301}")
        #expect(RowKey([composed]) != RowKey([decomposed]) && RowKey(["a", "b"]) != RowKey(["ab", ""]))
        var difference = RowDifference(
            table: "public.item", key: RowKey(["1"]), origin: Self.row("1", "a"),
            destination: Self.row("1", "b"))
        difference.take(
            origin: [composed, nil, "x"], destination: [decomposed, "", "x"], names: ["name", "note", "same"])
        #expect(difference.columns == ["name", "note"])
    }
}
