import Demo
import Foundation

/// The one place where the console and the demo are called.
enum Faces {
    static func console(_ flags: OpenConsole, directory: String) async throws {
        throw VerbFailure("the console is not part of this build yet")
    }

    static func demo(_ flags: OpenDemo) async throws {
        let options = DemoOptions(
            rate: Double(flags.rate), rows: flags.rows, seconds: Double(flags.seconds), directory: flags.dir,
            keep: flags.keep, chaos: flags.chaos, headless: flags.headless)
        let status = try await runDemo(options) { _, _, _ in
            throw VerbFailure("the console is not part of this build yet; use --headless")
        }
        // What there is to say has been said.
        if status != 0 { Foundation.exit(status) }
    }
}
