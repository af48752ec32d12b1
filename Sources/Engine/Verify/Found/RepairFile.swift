import Foundation
import Records

/// The file of the statements that mend the destination. It has values of rows, so only its owner may read
/// it.
package struct RepairFile {
    let direction: Direction
    let repairs: [String]

    package init(_ report: VerifyReport) {
        direction = report.direction
        repairs = report.repairs
    }

    package init(_ found: FoundDifferences) {
        direction = found.direction
        repairs = found.repairs
    }

    package var text: String {
        let head = """
            -- Mends the \(direction.destination.rawValue). Read each statement first: the \
            \(direction.origin.rawValue) counts as right.
            -- Triggers fire as for an application, unless the role may set session_replication_role.
            begin;

            """
        return head + repairs.map { $0 + ";\n" }.joined() + "commit;\n"
    }

    /// Writes the file in one step: a reader sees all of it, or the one of before.
    package func write(to path: String) throws {
        let failure = RequestRefused(
            "cannot write \(path); see that its directory exists and may be written")
        let part = path + ".part"
        guard
            FileManager.default.createFile(
                atPath: part, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw failure }
        // Sound: both paths live through the calls.
        guard unsafe rename(part, path) == 0 else {
            _ = unsafe unlink(part)
            throw failure
        }
    }
}

extension Migration {
    /// Writes the statements that mend what the worker's verification has found into `reports/`. Returns the
    /// file's path.
    package func writeRepairs() throws -> String {
        guard let found = try foundDifferences(), !found.repairs.isEmpty else {
            throw RequestRefused("the verification has found no difference whose values are known")
        }
        let path = "\(exportDirectory)/reports/repair-leg\(found.leg)-pass\(found.pass).sql"
        try RepairFile(found).write(to: path)
        return path
    }
}
