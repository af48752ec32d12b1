import ArgumentParser
import Engine
import PostgresPorts
import Records

/// `grant script`: prints the SQL that gives a role the least rights for one database of a migration.
struct PrintGrants: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "script",
        abstract: "Print the SQL that gives a role the least rights for one database.",
        discussion: "It connects to no database. Run its output with psql, as an administrator.")

    @Option(help: "The role that moves the data.") var role: String
    @Option(name: .customLong("for"), help: "source or target.") var side: SideArgument
    @Option(help: "The database's name.") var database: String
    @Option(help: "The schemas to migrate, separated by commas.") var schemas = "public"
    @Option(help: "postgresql, rds, aurora, azure or cloudsql.")
    var service = GrantServiceArgument.postgresql

    func run() throws {
        let script = GrantScript(
            role: role, side: side.side, service: service.service, database: database,
            schemas: NameList.names(in: schemas))
        print(script.text, terminator: "")
    }
}

/// The values of `--for`.
enum SideArgument: String, LowercasedArgument, CaseIterable, Sendable {
    case source
    case target

    var side: Side { self == .source ? .source : .target }
}

/// The values of `--service`.
enum GrantServiceArgument: String, LowercasedArgument, CaseIterable, Sendable {
    case postgresql
    case rds
    case aurora
    case azure
    case cloudsql

    var service: GrantScript.Service {
        switch self {
        case .postgresql: .postgresql
        case .rds: .rds
        case .aurora: .aurora
        case .azure: .azure
        case .cloudsql: .cloudsql
        }
    }
}
