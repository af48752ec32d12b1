import Foundation
import Records
import Testing

@testable import Engine
@testable import switchback

/// `cutover rehearsal --last` as a process on a migration with a rehearsal. It reaches no server.
@Suite struct RehearsalVerbTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
        let migration = try Migration(creating: scratch.path)
        let rehearsal = Rehearsal(
            to: .target, rehearsedAt: 1, steps: [.init(step: .fence, seconds: 0.5, detail: "held nothing")])
        try migration.journal.update(Rehearsal.self, key: Rehearsal.key, initial: rehearsal) {
            $0 = rehearsal
        }
    }

    private func last(_ flags: String...) throws -> SwitchbackProcess {
        try SwitchbackProcess(["cutover", "rehearsal", "-e", scratch.path, "--last"] + flags)
    }

    @Test func `the last rehearsal is shown for its own side only`() throws {
        let own = try last("--to", "target")
        #expect(own.exitCode == 0 && own.output.contains("predicted 500 ms"), "\(own.errors)")
        let other = try last("--to", "source")
        #expect(other.exitCode == 1 && !other.output.contains("predicted"))
        #expect(other.errors.contains("of a cutover to the target"))
    }

    @Test func `a flag that a shown rehearsal cannot have is refused`() throws {
        for flag in ["--verify", "--prepare-for-fall-back"] {
            let run = try last("--to", "target", flag, "true")
            #expect(run.exitCode == 1 && run.errors.contains(flag), "\(run.errors)")
        }
    }
}
