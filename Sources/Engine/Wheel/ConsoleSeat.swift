import Foundation
import Records

/// The place of an open console in the export directory: a file with who sits there, which its process holds.
/// When the process ends, in whatever way, the console is no longer open.
final class ConsoleSeat: Sendable {
    let console: ConsoleIdentity
    private let path: String
    private let file: HeldFile

    private static let prefix = "console."
    private static let suffix = ".json"
    /// Age at which a file that nobody holds is removed. A younger one may not be held yet.
    private static let leftOverSeconds = 3600.0

    init(_ exportDirectory: String, user: String, host: String, terminal: String) throws {
        let token = UUID().uuidString.prefix(8).lowercased()
        console = ConsoleIdentity(
            token: token, user: user, host: host, terminal: terminal, processID: getpid(),
            since: secondsNow())
        path = Self.path(exportDirectory, token)
        do { file = try HeldFile(path) } catch {
            throw RequestRefused("cannot open \(path): see that the export directory may be written")
        }
        file.write(try JSONEncoder().encode(console))
        Self.removeLeftOver(exportDirectory)
    }

    deinit {
        // The path lives through the call. A file that stays is not held, so nobody reads it.
        _ = unsafe unlink(path)
    }

    /// The console with that token; nil if it is not open.
    static func console(_ exportDirectory: String, _ token: String) -> ConsoleIdentity? {
        HeldFile.value(ConsoleIdentity.self, from: path(exportDirectory, token))
    }

    /// The consoles that are open, in the order in which they were opened.
    static func consoles(_ exportDirectory: String) -> [ConsoleIdentity] {
        files(exportDirectory).compactMap { HeldFile.value(ConsoleIdentity.self, from: $0) }
            .sorted { ($0.since, $0.token) < ($1.since, $1.token) }
    }

    private static func path(_ exportDirectory: String, _ token: String) -> String {
        "\(exportDirectory)/metainfo/\(prefix)\(token)\(suffix)"
    }

    private static func files(_ exportDirectory: String) -> [String] {
        let folder = exportDirectory + "/metainfo"
        // A folder that cannot be read shows no console.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }
    }

    /// Removes what consoles have left that were killed.
    private static func removeLeftOver(_ exportDirectory: String) {
        for path in files(exportDirectory) {
            var facts = stat()
            // Sound: struct and C string live through the call.
            guard unsafe stat(path, &facts) == 0,
                hasPassed(leftOverSeconds, since: Double(facts.st_mtim.tv_sec), at: secondsNow()),
                HeldFile.read(path) == nil
            else { continue }
            // The path lives through the call.
            _ = unsafe unlink(path)
        }
    }
}
