import Engine
import Postgres
import Records

/// The validation of the foreign keys that are back on a side, and the keys of partitioned tables over those
/// of their partitions.
extension PostgresSide {
    /// A row violates a constraint of this class.
    static let violatedState = "23503"

    func finishForeignKeys(line: (String) -> Void, meanwhile proceed: () throws -> Void) throws {
        let changes = DatabaseChanges(context)
        let left = try changes.left(side, matching: \.isUnfinishedForeignKey)
        guard !left.isEmpty else { return }
        // Under the same name as what would drop the keys again, and would have to end this first.
        let connection = try context.connectAlone(side, step: Suspension.step)
        let own = OwnTransaction(context: context, side: side)
        let progress = ProgressWriter(
            context.exportDirectory, .constraintValidation, on: side, .constraints, of: Int64(left.count))
        for (index, change) in left.enumerated() {
            try proceed()
            progress.note(Int64(index), detail: "\(change.kind)")
            let started = secondsNow()
            do {
                try own.run(connection, doing: "validate \(change.kind)") {
                    _ = try connection.execute(
                        change.undo, doing: "validate \(change.kind)", meanwhile: proceed)
                }
            } catch let error as PostgresError where error.sqlState == Self.violatedState {
                changes.report(change, violatedBy: error)
            }
            try changes.noteUndone(change)
            let seconds = (secondsNow() - started).formatted(.number.precision(.fractionLength(1)))
            line("\(side.rawValue): \(index + 1) of \(left.count), \(change.kind): done in \(seconds) s")
        }
    }
}

extension DatabaseChanges {
    /// Reports a foreign key that stays as it is, because rows violate it. Nothing waits for it any more.
    func report(_ change: RecordedChange, violatedBy error: PostgresError) {
        context.log(
            .error, "foreign keys",
            "on the \(change.side.rawValue): \(change.kind): rows violate it, and it applies to new rows "
                + "only; mend the rows, then run: \(change.undo) [\(error.message)]")
    }
}
