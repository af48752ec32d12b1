import ArgumentParser
import Foundation
import Records

/// The four flags that choose the tables of the migration.
struct TableListFlags: ParsableArguments {
    @Option(help: "Tables to migrate, separated by commas; * matches any text, ? any character.")
    var tableList: String?

    @Option(help: "Tables to exclude, written as for --table-list.")
    var excludeTableList: String?

    @Option(help: "A file with the tables to migrate, separated by commas or line ends.")
    var tableListFilePath: String?

    @Option(help: "A file with the tables to exclude.")
    var excludeTableListFilePath: String?

    mutating func validate() throws {
        if tableList != nil, tableListFilePath != nil {
            throw ValidationError("only one of --table-list and --table-list-file-path can be given")
        }
        if excludeTableList != nil, excludeTableListFilePath != nil {
            throw ValidationError(
                "only one of --exclude-table-list and --exclude-table-list-file-path can be given")
        }
    }

    /// The flags that were given, for verbs that accept none of them.
    var given: [String] {
        [
            ("--table-list", tableList), ("--exclude-table-list", excludeTableList),
            ("--table-list-file-path", tableListFilePath),
            ("--exclude-table-list-file-path", excludeTableListFilePath),
        ].filter { $0.1 != nil }.map(\.0)
    }

    /// Refuses all four: the start of the export fixed the list of tables.
    func refuseAll(in verb: Verb) throws {
        guard let flag = given.first else { return }
        throw ValidationError(
            "\(flag) cannot be given to \(verb.rawValue) in a live migration: the tables are those that "
                + "export data from source was started with")
    }

    func tables() throws -> [String] {
        try names(list: tableList, path: tableListFilePath, flag: "table-list-file-path")
    }

    func excludedTables() throws -> [String] {
        try names(
            list: excludeTableList, path: excludeTableListFilePath, flag: "exclude-table-list-file-path")
    }

    private func names(list: String?, path: String?, flag: String) throws -> [String] {
        if let list { return NameList.patterns(in: list) }
        guard let path else { return [] }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return NameList.patterns(in: text, endAtLines: true)
        } catch {
            throw VerbFailure("cannot read --\(flag) \"\(path)\": \(error.localizedDescription)")
        }
    }
}
