import Postgres

/// The choices of an analysis, under the names of the verb's flags.
package struct AnalysisOptions: Equatable, Sendable {
    /// The target that the operator names; nil for the migration's own.
    package var target: AnalysisTarget?
    package var formats: [SchemaReportFormat]
    /// The program with its version, for the reports.
    package var program: String

    package init(
        target: AnalysisTarget? = nil, formats: [SchemaReportFormat] = SchemaReportFormat.allCases,
        program: String = "switchback"
    ) {
        self.target = target
        self.formats = formats
        self.program = program
    }
}

extension AnalysisTarget {
    /// Reads `--target-db-version`: a release of YugabyteDB has four numbers, such as 2025.2.3.0, and a
    /// version of PostgreSQL one or two. Nil if the text is neither.
    package init?(version text: String) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        if numbers.count == 4, let release = Release(text) {
            self = .yugabyteDB(release)
        } else if (1...2).contains(numbers.count), !numbers.contains(nil), let major = numbers.first ?? nil,
            (9...99).contains(major)
        {
            self = .postgreSQL(major: major)
        } else {
            return nil
        }
    }
}

extension AnalysisTarget {
    /// Asks the server which product and which release it is.
    package init(asking access: DatabaseAccess) throws(PostgresError) {
        let connection = try PostgresConnection(
            access, applicationName: "\(PostgresConnection.applicationPrefix) analyze", settings: .reading)
        if let version = try connection.yugabyteVersion() {
            self = Release(version.description).map { .yugabyteDB($0) } ?? .latestYugabyteDB
        } else {
            let major = connection.parameterStatus("server_version")?.prefix { $0.isNumber }
            self = .postgreSQL(major: major.flatMap { Int($0) }, offers: try ServerOffers(connection))
        }
    }
}
