import Engine
import Foundation
import Testing

@testable import Engine
@testable import switchback

/// The verbs as processes on the export directory of a migration that has begun. They reach no server, so
/// none is needed.
@Suite struct MigrationProcessTests {
    private let scratch: ScratchDirectory
    private let migration: Migration

    init() throws {
        scratch = try ScratchDirectory()
        migration = try Migration(creating: scratch.path)
    }

    /// Nothing listens on port 1, so a connection is refused at once.
    private let unreachable = [
        "--source-db-type", "postgresql", "--source-db-host", "127.0.0.1", "--source-db-port", "1",
        "--source-db-user",
        "u", "--source-db-name", "d", "--source-db-schema", "public,sales",
    ]

    @Test func `the status of a cutover that was not requested`() throws {
        let run = try SwitchbackProcess(["cutover", "status", "-e", scratch.path])
        #expect(run.exitCode == 0)
        #expect(run.output.hasPrefix("CUTOVER DIRECTION | STATUS        | REQUESTED AT\n"))
        #expect(run.output.contains("source → target   | NOT_INITIATED | -"))
        #expect(run.errors.isEmpty)
    }

    @Test func `a cutover that was aborted ends its status with code 1, the reason and the step that failed`()
        throws
    {
        try migration.update { record in
            try record.take(.started, at: 1)
            try record.take(.snapshotCompleted, at: 2)
            try record.take(.cutoverInitiated(to: .target), at: 3)
            var cutover = Cutover(
                token: "tok", options: CutoverOptions(to: .target), requestedAt: 3, requestedBy: "me")
            cutover.set(.readFacts, .running, now: 4)
            cutover.set(.readFacts, .done, now: 5)
            cutover.set(.gates, .running, now: 5)
            cutover.set(.gates, .failed, detail: "a column is missing", now: 6)
            cutover.abortReason = "a column is missing"
            record.cutovers = [cutover]
        }
        let during = try SwitchbackProcess(["cutover", "status", "-e", scratch.path])
        #expect(during.exitCode == 1 && during.output.contains("source → target   | INITIATED | "))
        #expect(during.output.contains("is being aborted: a column is missing"))
        let waiting = try SwitchbackProcess([
            "initiate", "cutover", "to", "target", "--prepare-for-fall-back", "true", "--wait", "true", "-e",
            scratch.path,
        ])
        #expect(waiting.exitCode == 1 && waiting.errors.contains("is being aborted: a column is missing"))
        try migration.update { record in
            record.cutovers[0].set(.gates, .undone, now: 7)
            record.cutovers[0].set(.readFacts, .undone, now: 8)
            record.cutovers[0].abortedAt = 9
            try record.take(.aborted(to: .target), at: 9)
        }
        let table = try SwitchbackProcess(["cutover", "status", "-e", scratch.path])
        #expect(table.exitCode == 1 && table.errors.isEmpty)
        #expect(table.output.contains("source → target   | ABORTED | "))
        #expect(table.output.contains("The cutover to target was aborted: a column is missing\n"))
        #expect(table.output.contains("The step that failed: Gates: target can take the application over\n"))
        let run = try SwitchbackProcess(["cutover", "status", "-e", scratch.path, "--output-format", "json"])
        #expect(run.exitCode == 1)
        let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
        let cutover = try #require((json as? [[String: Any]])?.first)
        #expect(cutover["failed_step"] as? String == "Gates: target can take the application over")
        #expect(cutover["aborted_at"] as? String == "1970-01-01T00:00:09.000000Z")
        let steps = try #require(cutover["steps"] as? [[String: Any]])
        #expect(steps[1]["failed"] as? Bool == true && steps[0]["failed"] as? Bool == false)
        #expect(steps[0]["ended_at"] as? String == "1970-01-01T00:00:05.000000Z")
        #expect(steps[0]["undone_at"] as? String == "1970-01-01T00:00:08.000000Z")
        // A cutover that is initiated again is the newest one.
        try migration.update { record in
            try record.take(.cutoverInitiated(to: .target), at: 10)
            record.cutovers.append(
                Cutover(
                    token: "new", options: CutoverOptions(to: .target), requestedAt: 10, requestedBy: "me"))
        }
        #expect(try SwitchbackProcess(["cutover", "status", "-e", scratch.path]).exitCode == 0)
    }

    @Test func `a wait for a cutover that no process performs says so, and ends when it is aborted`()
        async throws
    {
        try migration.update { record in
            try record.take(.started, at: 1)
            try record.take(.snapshotCompleted, at: 2)
            try record.take(.cutoverInitiated(to: .target), at: 3)
            record.cutovers.append(
                Cutover(
                    token: "first", options: CutoverOptions(to: .target), requestedAt: 3, requestedBy: "me"))
        }
        let (process, output, errors) = try SwitchbackProcess.start([
            "initiate", "cutover", "to", "target", "--prepare-for-fall-back", "true", "--wait", "true",
            "--export-dir", scratch.path,
        ])
        var said = ""
        while !said.contains("runs in no process") {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "the verb ended: \(said)")
            said += String(decoding: more, as: UTF8.self)
        }
        #expect(said.contains("the cutover does not move: the export runs in no process"))
        try migration.update { record in
            record.cutovers[0].abortReason = "asked for"
            record.cutovers[0].abortedAt = 9
            try record.take(.aborted(to: .target), at: 9)
        }
        #expect(try SwitchbackProcess.text(errors).contains("cutover to target was aborted: asked for"))
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
    }

    @Test func `pause and resume change nothing when they are repeated`() throws {
        try migration.update { record in
            try record.take(.started, at: 1)
            try record.take(.snapshotCompleted, at: 2)
        }
        for _ in 1...2 {
            let run = try SwitchbackProcess(["pause", "-e", scratch.path])
            #expect(run.exitCode == 0 && run.output.contains("paused"), "\(run.errors)")
            #expect(try migration.status().isPaused)
        }
        for _ in 1...2 {
            let run = try SwitchbackProcess(["resume", "-e", scratch.path])
            #expect(run.exitCode == 0 && run.output.contains("runs in no process"), "\(run.errors)")
            #expect(try !migration.status().isPaused)
        }
        #expect(try migration.record().resumeCount == 1)
    }

    @Test func `status shows people and scripts that nothing runs`() throws {
        let table = try SwitchbackProcess(["status", "-e", scratch.path])
        #expect(table.exitCode == 4)
        #expect(table.output.hasPrefix("not_running, phase "))
        let json = try SwitchbackProcess(["status", "-e", scratch.path, "--output-format", "json"])
        #expect(json.exitCode == 4 && json.errors.isEmpty)
        #expect(json.output.contains("\"status\" : \"not_running\""))
    }

    @Test func `a failed verb stores the values of its flags and neither shows nor logs the password`() throws
    {
        let run = try SwitchbackProcess(
            ["export", "schema", "-e", scratch.path, "--source-db-password", "s3cret-one"] + unreachable,
            environment: ["TARGET_DB_PASSWORD": "s3cret-two"])
        // No server answers there, so a script may retry.
        #expect(run.exitCode == 3)
        #expect(run.errors.hasPrefix("Error: "))
        let forms = try migration.databases()
        #expect(forms.source == ConnectionForm(host: "127.0.0.1", port: 1, database: "d", user: "u"))
        #expect(forms.schemas == ["public", "sales"])
        let log = try String(
            contentsOfFile: scratch.path + "/logs/switchback-export-schema.log", encoding: .utf8)
        #expect(log.contains(" INFO export-schema switchback export schema -e"))
        #expect(log.contains(" ERROR export-schema "))
        #expect(!(run.output + run.errors + log).contains("s3cret"))
    }

    @Test func `the target's flags do not change the source's`() throws {
        var forms = DatabaseForms.empty
        forms.source = ConnectionForm(host: "s", port: 2, database: "d", user: "u")
        forms.schemas = ["sales"]
        try migration.keep(forms)
        let run = try SwitchbackProcess(
            [
                "import", "schema", "-e", scratch.path, "--target-db-host", "127.0.0.1", "--target-db-port",
                "1",
            ]
                + ["--target-db-user", "y", "--target-db-password", "p"])
        #expect(run.exitCode == 1)
        let kept = try migration.databases()
        #expect(kept.source == forms.source)
        #expect(kept.schemas == ["sales"])
        #expect(kept.target == ConnectionForm(host: "127.0.0.1", port: 1, database: "yugabyte", user: "y"))
    }

    @Test func `a verb that is not legal in the phase is refused with exit code 1`() throws {
        for words in [
            ["initiate", "cutover", "to", "target", "--prepare-for-fall-back", "true"],
            ["initiate", "cutover", "to", "source"], ["get", "data-migration-report"], ["abort", "cutover"],
            ["approve", "cutover"], ["archive", "changes", "--policy", "delete"],
            ["export", "data", "from", "target"],
            ["pause"], ["resume"], ["export", "data", "status"], ["import", "data", "status"],
            ["import", "data", "to", "source"], ["analyze-schema"],
        ] {
            let run = try SwitchbackProcess(words + ["--export-dir", scratch.path])
            #expect(run.exitCode == 1, "\(words)")
            #expect(run.errors.split(separator: "\n").count == 1, "\(words): \(run.errors)")
        }
    }

    @Test func `a question with a closed input ends with exit code 2`() throws {
        let run = try SwitchbackProcess([
            "end", "migration", "-e", scratch.path, "--backup-log-files", "no", "--backup-data-files", "no",
            "--backup-schema-files", "no", "--save-migration-reports", "no",
        ])
        #expect(run.exitCode == 2)
        #expect(run.output.contains("? [Y/N]: "))
    }

    @Test func `without a terminal the console is in line mode, and ends with its input`() throws {
        let run = try SwitchbackProcess(["--export-dir", scratch.path, "--read-only"])
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("Line mode."))
        #expect(run.output.contains("Come back with: switchback --export-dir"))
    }
}
