import Records

/// The operator's choice for the verification that runs beside the export and the import.
package struct VerificationChoice: Sendable, Codable, Equatable {
    /// Whether the worker verifies while changes stream.
    package var isOn: Bool
    /// Greatest number of rows that are read in a second on each side; nil for no bound.
    package var rowsPerSecondMax: Int?

    package static let off = VerificationChoice(isOn: false)

    package init(isOn: Bool, rowsPerSecondMax: Int? = nil) {
        self.isOn = isOn
        self.rowsPerSecondMax = rowsPerSecondMax
    }

    /// Why it cannot be taken; nil if it can.
    var problem: String? {
        rowsPerSecondMax.map { $0 < 1 } == true ? "the number of rows in a second is 1 or more" : nil
    }

    /// The choice in words.
    package var words: String {
        guard isOn else { return "rows are not verified" }
        let bound = rowsPerSecondMax.map { ", at most \(counted($0, "row")) in a second" } ?? ""
        return "rows are verified while changes stream\(bound)"
    }
}

extension MigrationRecord {
    /// Why rows are not verified now, although the operator has chosen it; nil if they are.
    func verificationWait(_ leg: Leg) -> String? {
        if isPaused { return "the migration is paused" }
        if openCutover != nil { return "a cutover is under way" }
        if phase == .snapshot { return "the snapshot is not complete" }
        return phase.direction == leg.direction ? nil : "no changes stream"
    }
}
