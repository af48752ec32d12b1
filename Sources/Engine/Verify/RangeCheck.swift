import Records

/// The course of the check of one range of rows, as a value: readings in, the next reading out.
///
/// A range whose digests are equal is proved. Otherwise it is divided into small buckets. Changes in flight
/// make many buckets of a busy table differ, so the digests are read again as long as that proves enough of
/// those that are left. Then the rows of the last ones are read. The rows that differ are read again, until
/// each is equal, is blamed, or was written so often that nothing can be said about it.
struct RangeCheck: Equatable {
    /// Greatest number of rows of a range that are read one by one, and of keys that are read at once.
    static let rowsMax: Int64 = 10_000
    /// Number of rows that a bucket should have.
    static let bucketRows: Int64 = 2_000
    /// Greatest number of buckets whose rows are read; each of them may read the whole table.
    static let bucketsMax = 64
    /// Greatest number of times that the digests of buckets are read; each time the whole range is read.
    static let digestRoundsMax = 20
    /// Smallest share of the buckets left that another reading of the digests has to prove.
    static let provedShareMin = 0.1
    /// Number of times that a row is read again before it counts as unproved.
    static let roundsMax = 10

    /// What is read next, on both sides.
    enum Reading: Equatable {
        case digests(RowRange, buckets: Int)
        case rows(RowRange)
        /// The four readings of `RowReadings`.
        case keys([RowKey])
    }

    /// What was read on both sides.
    enum Answer: Equatable {
        case digests(origin: [Int: RowDigest], destination: [Int: RowDigest])
        case rows(origin: [ReadRow], destination: [ReadRow])
        case readings([RowKey: RowReadings])
    }

    private enum State: Equatable {
        case comparing
        /// The buckets that differed in every reading; nil before the first one.
        case dividing(left: [Int]?, round: Int)
        case listing(RowRange, others: [RowRange])
        case settling(keys: [RowKey], round: Int, others: [RowRange])
        case ended
    }

    private let table: QualifiedName
    private let range: RowRange
    private var state = State.comparing
    /// The differences that were proved.
    private(set) var differences: [RowDifference] = []
    /// The keys of rows that were written so often that nothing was proved about them.
    private(set) var unsettled: [RowKey] = []
    /// Number of buckets that differed in every reading of their digests, and whose rows were not read.
    private(set) var bucketsLeft = 0
    /// Rows of the origin in the first reading.
    private(set) var rows: Int64 = 0

    init(_ range: RowRange, of table: QualifiedName) {
        self.range = range
        self.table = table
    }

    /// The reading to make next; nil if the check has ended.
    var next: Reading? {
        switch state {
        case .comparing: .digests(range, buckets: 1)
        case .dividing: .digests(range, buckets: buckets)
        case .listing(let range, _): .rows(range)
        case .settling(let keys, _, _): .keys(keys)
        case .ended: nil
        }
    }

    /// Whether the range is proved equal.
    var isProved: Bool {
        state == .ended && differences.isEmpty && unsettled.isEmpty && bucketsLeft == 0
    }

    private var largest: Int64 = 0
    private var buckets: Int { Int(largest / Self.bucketRows) + 1 }

    /// Takes the answer to `next`.
    mutating func take(_ answer: Answer) {
        switch answer {
        case .digests(let origin, let destination): take(origin: origin, destination: destination)
        case .rows(let origin, let destination): take(origin: origin, destination: destination)
        case .readings(let readings): take(readings)
        }
    }

    /// Takes the digests of both sides.
    mutating func take(origin: [Int: RowDigest], destination: [Int: RowDigest]) {
        switch state {
        case .comparing:
            rows = origin[0]?.rows ?? 0
            largest = max(rows, destination[0]?.rows ?? 0)
            guard origin != destination else { return state = .ended }
            state =
                largest > Self.rowsMax
                ? .dividing(left: nil, round: 1) : .listing(range, others: [])
        case .dividing(let left, let round):
            let differing = (left ?? Set(origin.keys).union(destination.keys).sorted()).filter {
                origin[$0] != destination[$0]
            }
            divide(differing, among: left?.count, round: round)
        case .listing, .settling, .ended: preconditionFailure("no digests were asked for")
        }
    }

    /// Reads the digests of the buckets that differ again, or their rows.
    ///
    /// - Parameter before: number of buckets that were left before; nil after the first reading
    private mutating func divide(_ differing: [Int], among before: Int?, round: Int) {
        let proved = before.map { Double($0 - differing.count) / Double(max(1, $0)) } ?? 1
        guard
            differing.count <= Self.bucketsMax || round >= Self.digestRoundsMax
                || proved < Self.provedShareMin
        else { return state = .dividing(left: differing, round: round + 1) }
        bucketsLeft = max(0, differing.count - Self.bucketsMax)
        list(
            differing.prefix(Self.bucketsMax).map { number in
                var part = range
                part.bucket = RowRange.Bucket(number: number, count: buckets)
                return part
            })
    }

    /// Takes the rows of both sides.
    mutating func take(origin: [ReadRow], destination: [ReadRow]) {
        guard case .listing(_, let others) = state else { preconditionFailure("no rows were asked for") }
        let left = Dictionary(origin.map { ($0.key, $0.digest) }, uniquingKeysWith: { first, _ in first })
        let right = Dictionary(
            destination.map { ($0.key, $0.digest) }, uniquingKeysWith: { first, _ in first })
        let keys = Set(left.keys).union(right.keys).filter { left[$0] != right[$0] }
        settle(keys.sorted(), round: 1, others)
    }

    /// Takes the readings of the keys.
    mutating func take(_ readings: [RowKey: RowReadings]) {
        guard case .settling(let keys, let round, let others) = state else {
            preconditionFailure("no keys were asked for")
        }
        var undecided: [RowKey] = []
        for key in keys {
            guard let reading = readings[key] else { continue }
            switch reading.verdict {
            case .equal: break
            case .differs:
                differences.append(
                    RowDifference(
                        table: table, key: key, origin: reading.origin, destination: reading.destination))
            case .undecided: undecided.append(key)
            }
        }
        guard round < Self.roundsMax else {
            unsettled += undecided
            return list(others)
        }
        settle(undecided, round: round + 1, others)
    }

    private mutating func settle(_ keys: [RowKey], round: Int, _ others: [RowRange]) {
        if keys.isEmpty { return list(others) }
        state = .settling(keys: keys, round: round, others: others)
    }

    private mutating func list(_ parts: [RowRange]) {
        guard let first = parts.first else { return state = .ended }
        state = .listing(first, others: Array(parts.dropFirst()))
    }
}
