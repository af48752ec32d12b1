import ArgumentParser
import Engine
import Foundation
import Records

/// What `verify` asks of the verification that the worker runs.
enum WorkerVerification {
    /// Starts or ends it, and says so.
    static func choose(_ choice: VerificationChoice, _ start: VerbStart) throws {
        _ = try start.migration.leave(.setVerification(choice), by: start.operatorName)
        let waits =
            choice.isOn && !start.migration.workerIsAlive()
            ? "; no worker runs, and verification begins when one does" : ""
        let line = choice.words + waits
        start.log.notice("\(line)")
        Terminal.output.line(line)
    }

    /// Shows what it has proved.
    static func show(_ start: VerbStart, _ format: TableFormat, showsValues: Bool) throws {
        let status = try start.migration.status()
        guard let verification = status.verification else {
            throw VerbFailure(
                "rows are verified while changes stream, and the migration is in the phase "
                    + "\(status.phase.rawValue)", exitCode: VerifyTable.exitCode(.unproved))
        }
        let found = try start.migration.foundDifferences()
        switch format {
        case .table:
            let lines = VerificationTable.lines(
                verification, found, showsValues: showsValues, now: status.readAt)
            for line in lines { Terminal.output.line(line) }
        case .json:
            Terminal.output.line(
                try VerificationTable.json(verification, found, showsValues: showsValues))
        }
        let code = VerificationTable.exitCode(verification)
        if code != 0 { throw ExitCode(code) }
    }
}
