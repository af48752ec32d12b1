/// A change that was stashed, as the destination keeps it until the export directory has it too.
package struct StashedChange: Sendable, Equatable {
    package let commitLSN: LogPosition
    /// The change's number among those of its transaction, from 1 on.
    package let number: Int
    package let incidentJSON: String
    package let statementSQL: String

    package init(commitLSN: LogPosition, number: Int, incidentJSON: String, statementSQL: String) {
        self.commitLSN = commitLSN
        self.number = number
        self.incidentJSON = incidentJSON
        self.statementSQL = statementSQL
    }
}
