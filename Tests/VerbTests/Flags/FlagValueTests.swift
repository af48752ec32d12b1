import Foundation
import Testing

@testable import switchback

/// Each flag that the help of a verb shows, with each kind of value: the value reaches the verb, or the
/// flag is refused, or noted as without effect.
@Suite struct FlagValueTests {
    private static let tree = Result { try CommandDump.root() }

    /// What a verb needs besides the flag under test.
    private static func line(of verb: Verb) -> String {
        let directory = "-e /e"
        let source = "--source-db-type postgresql --source-db-user u --source-db-name d --source-db-schema s"
        let target = "--target-db-user u --target-db-name d"
        return switch verb {
        case .exportSchema: "\(directory) \(source)"
        case .exportDataFromSource: "\(directory) \(source) --export-type snapshot-and-changes"
        case .importSchema, .finalizeSchema, .importDataToTarget: "\(directory) \(target)"
        case .archiveChanges: "\(directory) --move-to /b"
        case .initiateCutoverToTarget: "\(directory) --prepare-for-fall-back true"
        case .endMigration:
            "\(directory) --backup-schema-files no --backup-data-files no --save-migration-reports no "
                + "--backup-log-files no --backup-dir /b"
        case .acceptDifference: "\(directory) thing --reason why"
        case .cutoverRehearsal: "\(directory) --to target"
        case .retryTable, .excludeTable: "\(directory) public.item"
        case .setApplyMode: "\(directory) parallel"
        case .grantScript: "--role r --schemas public --database d --for source"
        case .configTemplate, .showKeys, .version, .demo: ""
        case .acknowledgeAlert: "\(directory) slotAtRisk"
        case .endSession: "\(directory) 7"
        case .console: directory
        case .worker, .analyzeSchema, .exportDataFromTarget, .importDataToSource, .initiateCutoverToSource,
            .cutoverStatus, .exportDataStatus, .importDataStatus, .cutoverGates, .abortCutover,
            .approveCutover, .pause, .resume, .status, .check, .verify,
            .dataMigrationReport:
            directory
        case .setDiskLimits: "\(directory) --disk-free-min 1GB"
        }
    }

    private static let values = [
        "true", "no", "7", "9", "/other", "public.other", "indexes=why", "json", "verify-full", "tables",
        "parallel", "debug", "yugabytedb", "postgresql", "127.0.0.1", "rds", "abort", "stash-and-continue",
        "snapshot-and-changes", "archive", "delete", "source", "target", "fall-back", "html", "512MB", "1",
        "30s",
    ]

    /// The values of flags that take a special one, or need another flag.
    private static let ownValues = [
        "metrics-address": ["0.0.0.0 --metrics-port 9100"],
        "truncate-tables": ["true --start-clean true"], "target-db-version": ["15", "2025.1.0.0"],
        "fail-on": ["blocking", "info"], "object-type-list": ["TABLE"],
        "exclude-object-type-list": ["VIEW"], "straight-order": ["true --object-type-list TABLE"],
        // The value that is accepted has to be given.
        "export-type": ["snapshot-only", "changes-only"],
    ]

    /// The command as it is parsed, or why it is refused.
    private static func parsed(_ verb: Verb, _ line: String) -> Result<String, Refusal> {
        let words = "\(verb.rawValue) \(line)".split(separator: " ").map(String.init)
        do {
            let (command, _) = try Switchback.parse(words)
            var text = ""
            dump(command, to: &text)
            return .success(text)
        } catch {
            return .failure(
                Refusal(text: (error as? VerbFailure)?.message ?? Switchback.message(for: error)))
        }
    }

    private struct Refusal: Error { let text: String }

    @Test(arguments: Verb.allCases)
    func `each flag that the help shows changes what the verb is told, or is refused by its name`(
        _ verb: Verb
    ) throws {
        let base = Self.line(of: verb)
        guard case .success(let plain) = Self.parsed(verb, base) else {
            let answer = Self.parsed(verb, base)
            Issue.record("\(verb.rawValue) \(base): \(answer)")
            return
        }
        let config = NSTemporaryDirectory() + "switchback-flags-\(UUID().uuidString).yaml"
        try "log-level: debug\n".write(toFile: config, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: config) }
        let shown = try #require(try Self.tree.get().shownFlags(of: verb.words[...]), "\(verb)")
        for flag in shown.sorted(by: { $0.name < $1.name }) where flag.name != "help" {
            // The base line may have another value of it.
            let rest = Self.without(flag.name, base)
            if ForeignFlags.rules(of: verb)[flag.name] != nil { continue }
            var values = Self.ownValues[flag.name] ?? (flag.hasValue ? Self.values : [""])
            if flag.name == "config-file" { values = [config] }
            var refusals: [String] = []
            let changes = values.contains { value in
                switch Self.parsed(verb, "\(rest) --\(flag.name) \(value)") {
                case .success(let text): return text != plain
                case .failure(let refusal):
                    refusals.append(refusal.text)
                    return false
                }
            }
            let isRefused =
                refusals.count == values.count && refusals.allSatisfy { $0.contains("--\(flag.name)") }
            #expect(changes || isRefused, "\(verb.rawValue) --\(flag.name): \(refusals)")
        }
    }

    /// Removes a flag and its value from a line.
    private static func without(_ flag: String, _ line: String) -> String {
        var words = line.split(separator: " ").map(String.init)
        if let index = words.firstIndex(of: "--\(flag)") { words.removeSubrange(index...index + 1) }
        return words.joined(separator: " ")
    }
}
