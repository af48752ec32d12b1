import Postgres
import Records

/// An error of the export, analysis or import of the schema: what failed, where, and what to do next. No case
/// contains a row's value or a password.
package enum SchemaError: Error, Equatable {
    /// The server refused the connection or one of our queries.
    case server(PostgresError)
    case pgDumpMissing(serverMajor: Int)
    case pgDumpTooOld(newest: String, serverMajor: Int)
    case pgDumpFailed(place: String, reason: String)
    case schemaMissing(name: String, place: String, similar: [String])
    case notPermitted(place: String, reason: String)
    case notExported(directory: String)
    /// A file could not be read or written; `reason` is the system's.
    case file(path: String, doing: String, reason: String)
    /// A string, comment or body in a file has no end.
    case unterminated(file: String, line: Int, what: String)
    /// A backslash command, which only psql understands.
    case psqlCommand(file: String, line: Int)
    case includeAndExclude
    /// A change of a file that was shown would now be another one.
    case fixChanged(finding: String)
    /// The server refused an object. `others` more objects wait for something that is missing.
    case object(
        label: String, file: String, line: Int, sqlState: String, reason: String, hint: String?, others: Int)
    /// The connection was lost after so many objects of an import.
    case interrupted(done: Int, of: Int, PostgresError)

    package var description: String {
        switch self {
        case .server(let error):
            return error.description
        case .pgDumpMissing(let major):
            return
                "cannot export the schema: pg_dump is not installed in /usr/lib/postgresql/*/bin or on PATH; "
                + "install the PostgreSQL client of version \(major) or later"
        case .pgDumpTooOld(let newest, let major):
            return
                "cannot export the schema: the newest pg_dump found is \(newest) and the server is version "
                + "\(major); install the PostgreSQL client of version \(major) or later, or put the folder "
                + "of its pg_dump on PATH"
        case .pgDumpFailed(let place, let reason):
            return "cannot export the schema of \(place): pg_dump ended with: \(reason); mend that and "
                + "export again"
        case .schemaMissing(let name, let place, let similar):
            let hint =
                similar.isEmpty
                ? "check the list of schemas" : "did you mean \(similar.joined(separator: ", "))?"
            return "cannot export schema \(name): it does not exist in \(place); \(hint)"
        case .notPermitted(let place, let reason):
            return "cannot export the schema of \(place): \(reason); grant the user USAGE on the schemas and "
                + "SELECT on their tables and sequences, and export again"
        case .notExported(let directory):
            return "cannot find an exported schema in \(directory); run export schema first"
        case .file(let path, let doing, let reason):
            return "cannot \(doing) \(path): \(reason); see to the file and try again"
        case .unterminated(let file, let line, let what):
            return
                "cannot read \(file): \(what) that begins on line \(line) has no end; mend the file and try "
                + "again"
        case .psqlCommand(let file, let line):
            return
                "cannot run line \(line) of \(file): it is a psql command; put SQL in its place and try again"
        case .includeAndExclude:
            return "cannot take both a list of object types to import and one to exclude; give one of them"
        case .fixChanged(let finding):
            return
                "cannot mend \(finding): its file is not as it was when the change was shown; analyse again"
        case .object(let label, let file, let line, let sqlState, let reason, let hint, let others):
            let more = others == 0 ? "" : " (and \(others) more that wait for what is missing)"
            let advice = hint.map { "; \($0)" } ?? ""
            let exists =
                sqlState == "42P07" || sqlState == "42710"
                ? " or take what exists with --ignore-exist true," : ""
            return "cannot create \(label) (\(file), line \(line)): \(reason) [SQLSTATE \(sqlState)]\(more)"
                + "\(advice); mend the file and import again,\(exists) or continue with "
                + "--continue-on-error true"
        case .interrupted(let done, let total, let error):
            return
                "\(error.description); \(done) of \(total) objects were imported; import the schema again, "
                + "and it does the rest"
        }
    }
}

extension SchemaError: DatabaseError {
    /// The server's error, if it is one.
    private var cause: PostgresError? {
        switch self {
        case .server(let cause), .interrupted(_, _, let cause): return cause
        case .pgDumpMissing, .pgDumpTooOld, .pgDumpFailed, .schemaMissing, .notPermitted, .notExported, .file,
            .unterminated, .psqlCommand, .includeAndExclude, .fixChanged, .object:
            return nil
        }
    }

    package var condition: ErrorCondition { cause?.condition ?? .final }
    package var refusesStatement: Bool { cause?.refusesStatement ?? false }
    package var refusesLogin: Bool { cause?.refusesLogin ?? false }
    package var streamFault: StreamFault? { nil }
    package var reason: String { cause?.reason ?? description }
}
