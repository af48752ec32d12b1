import Postgres

/// A fault of YugabyteDB's stream in some of its releases, as its maker describes it. docs/yugabytedb.md has
/// the sources. None was run.
struct YugabyteAdvisory: Sendable {
    /// The releases of one series that have the fault.
    struct Series: Sendable {
        /// The series, its first release with the fault, and the first without it; nil if there is none.
        let numbers: [Int]
        let from: YugabyteVersion
        let fixedIn: YugabyteVersion?

        init(_ numbers: [Int], from: [Int]? = nil, fixedIn: [Int]?) {
            self.numbers = numbers
            self.from = YugabyteVersion(from ?? numbers)
            self.fixedIn = fixedIn.map { YugabyteVersion($0) }
        }

        func has(_ version: YugabyteVersion) -> Bool {
            version.numbers.starts(with: numbers) && version >= from && fixedIn.map { version < $0 } != false
        }
    }

    /// The maker's number.
    let id: String
    let series: [Series]
    /// What happens, as a sentence's end: `…: the stream may …`.
    let effect: String
    /// What the operator does if the server stays as it is.
    let otherwise: String

    /// The series of a release that has the fault; nil if it does not.
    func series(of version: YugabyteVersion) -> Series? { series.first { $0.has(version) } }

    /// The faults of a release.
    static func all(of version: YugabyteVersion) -> [(advisory: YugabyteAdvisory, series: Series)] {
        known.compactMap { advisory in advisory.series(of: version).map { (advisory, $0) } }
    }

    static let known = [
        YugabyteAdvisory(
            id: "TA-29060",
            series: [
                Series([2, 20], from: [2, 20, 7], fixedIn: [2, 20, 13]),
                Series([2024, 1], from: [2024, 1, 3], fixedIn: nil),
                Series([2024, 2], fixedIn: [2024, 2, 7]),
                // The advisory ends at 2025.1.2 and names no fixed release of this series.
                Series([2025, 1], fixedIn: [2025, 1, 3]),
            ],
            effect: "a row of more than 4 MB can make the stream omit changes, also of other rows, without a "
                + "message",
            otherwise:
                "have the application write no such row after the cutover, and cut back with --verify true"),
        YugabyteAdvisory(
            id: "TA-25193",
            series: [
                Series([2, 20], fixedIn: [2, 20, 9]), Series([2024, 1], fixedIn: [2024, 1, 4]),
                Series([2024, 2], fixedIn: [2024, 2, 1]),
            ],
            effect:
                "updates and deletes of a table with REPLICA IDENTITY DEFAULT can fail to stream when the "
                + "stream is a quarter of an hour behind",
            otherwise: "give the tables REPLICA IDENTITY CHANGE before the cutover"),
        YugabyteAdvisory(
            id: "#10936",
            series: [
                Series([2, 20], fixedIn: nil), Series([2024, 1], fixedIn: nil),
                Series([2024, 2], fixedIn: [2024, 2, 8]), Series([2025, 1], fixedIn: [2025, 1, 4]),
                Series([2025, 2], fixedIn: [2025, 2, 2]),
            ],
            effect: "changes that a savepoint made and that were rolled back may be streamed",
            otherwise: "have the application roll back to no savepoint after the cutover"),
        YugabyteAdvisory(
            id: "TA-31187",
            series: [
                Series([2024, 1], fixedIn: nil), Series([2024, 2], fixedIn: [2024, 2, 10]),
                Series([2025, 1], fixedIn: [2025, 1, 5]), Series([2025, 2], fixedIn: [2025, 2, 4]),
            ],
            effect: "an index that is created while the slot exists fills the disk, without a bound",
            otherwise: "create no index there during the fall-back"),
    ]
}
