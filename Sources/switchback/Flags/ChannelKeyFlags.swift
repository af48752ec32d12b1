import ArgumentParser
import Engine
import Foundation

/// The flags by what changes are spread over the channels of `--apply-mode parallel`. A choice without its
/// flag stays.
struct ChannelKeyFlags: ParsableArguments {
    @Option(
        help: .init(
            "auto: spread the rows of a table over the channels by primary key where nothing else keeps them "
                + "apart; table: all changes of a table in one channel."))
    var cdcPartitionKey: String?
    @Option(help: "The same for single tables: 'schema.table:table;schema.other:auto'.")
    var cdcPartitionKeyOverrides: String?

    mutating func validate() throws {
        _ = try key()
        _ = try overrides()
    }

    /// Stores the choices.
    func apply(to start: VerbStart) throws {
        let (key, overrides) = (try key(), try overrides())
        guard key != nil || overrides != nil else { return }
        try start.migration.choose(channelKey: key, overrides: overrides)
    }

    func key() throws -> ChannelKeys.Key? {
        try cdcPartitionKey.map { try Self.key($0, "--cdc-partition-key \($0)") }
    }

    /// Returns the choices by the names of the tables as they were written.
    func overrides() throws -> [String: ChannelKeys.Key]? {
        guard let text = cdcPartitionKeyOverrides else { return nil }
        var keys: [String: ChannelKeys.Key] = [:]
        for part in text.split(separator: ";") {
            let entry = part.trimmingCharacters(in: .whitespaces)
            let flag = "--cdc-partition-key-overrides \(entry)"
            guard let colon = entry.lastIndex(of: ":"), colon > entry.startIndex else {
                throw ValidationError("\(flag) is not TABLE:auto or TABLE:table")
            }
            keys[String(entry[..<colon])] = try Self.key(String(entry[entry.index(after: colon)...]), flag)
        }
        return keys
    }

    private static func key(_ word: String, _ flag: String) throws -> ChannelKeys.Key {
        if let key = ChannelKeys.Key(rawValue: word.lowercased()) { return key }
        guard word.lowercased() == "pk" || word.hasPrefix("(") else {
            throw ValidationError("\(flag) is not a choice; give auto or table")
        }
        throw ValidationError(
            "\(flag) is refused: a table with other unique columns would get its changes in the wrong order; "
                + "auto takes the primary key wherever that is safe")
    }
}
