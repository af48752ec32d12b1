/// The database for which a schema is analysed, with its release.
package enum AnalysisTarget: Equatable, Sendable {
    case yugabyteDB(Release)
    /// PostgreSQL of a major version; nil if it is unknown, and then no rule of a version applies. With what
    /// the server offers, if it was asked.
    case postgreSQL(major: Int?, offers: ServerOffers? = nil)

    /// YugabyteDB of the latest stable series.
    package static let latestYugabyteDB = AnalysisTarget.yugabyteDB(Release("2025.2.3.0")!)

    package var isYugabyteDB: Bool {
        switch self {
        case .yugabyteDB: true
        case .postgreSQL: false
        }
    }

    /// The release in words, for the reports.
    package var version: String {
        switch self {
        case .yugabyteDB(let release): release.description
        case .postgreSQL(let major, _): major.map(String.init) ?? ""
        }
    }

    package var product: String {
        switch self {
        case .yugabyteDB: "YugabyteDB"
        case .postgreSQL: "PostgreSQL"
        }
    }
}

/// A release of YugabyteDB: `2025.2.3.0`. Its first two numbers are its series.
package struct Release: Equatable, Sendable, Comparable, CustomStringConvertible {
    let numbers: [Int]

    /// Reads a release; nil if the text is none. A build at its end, `-b10`, is left out.
    package init?(_ text: String) {
        let parts = text.split(separator: "-").first?.split(separator: ".") ?? []
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count, (2...4).contains(numbers.count) else { return nil }
        self.numbers = numbers
    }

    package var description: String { numbers.map(String.init).joined(separator: ".") }
    package var series: String { numbers.prefix(2).map(String.init).joined(separator: ".") }

    package static func < (left: Release, right: Release) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }
}

/// The releases of YugabyteDB from which on a construct works, one for each series that has it.
struct FixedReleases: Equatable, Sendable {
    /// The releases for everybody.
    var general: [String] = []
    /// The releases that have it as a technical preview.
    var preview: [String] = []
    /// The releases that have it for early access.
    var early: [String] = []
    /// The flags that turn a preview on.
    var flags = ""

    static let none = FixedReleases()
    /// The releases that are built on PostgreSQL 15.
    static let postgreSQL15 = FixedReleases(general: ["2.25.0.0", "2025.1.0.0", "2025.2.0.0", "2026.1.0.0"])

    /// Whether a release has it. A series that is not named does not.
    func contains(_ release: Release) -> Bool { Self.find(release, in: general) }

    /// What to add to the suggestion if a release has it as a preview; nil if it has not.
    func note(for release: Release) -> String? {
        let maturity =
            Self.find(release, in: early)
            ? "early access" : Self.find(release, in: preview) ? "a preview" : nil
        return maturity.map { word in
            "This release has it as \(word)" + (flags.isEmpty ? "." : ", with \(flags).")
        }
    }

    private static func find(_ release: Release, in list: [String]) -> Bool {
        list.compactMap { Release($0) }.contains { $0.series == release.series && $0 <= release }
    }

    /// The releases by their series, as reports show them.
    static func bySeries(_ list: [String]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: list.compactMap { Release($0) }.map { ($0.series, $0.description) })
    }
}
