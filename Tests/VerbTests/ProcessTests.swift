import Foundation
import Testing

@testable import switchback

/// Behaviour that only a process shows.
@Suite struct ProcessTests {
    private static let codes: [([String], Int32)] = [
        (["version"], 0), (["--help"], 0), (["export"], 0), (["initiate", "cutover"], 0),
        (["help", "export", "schema"], 0), (["export", "data", "--help"], 0), (["nonsense"], 1),
        (["cutover", "status"], 1), (["cutover", "status", "--nonsense", "1"], 1),
        (["cutover", "status", "-e", "/nowhere/at/all"], 1),
        (["export", "schema", "--source-db-type", "oracle"], 1),
        (["import", "schema", "--start-clean"], 1), (["export", "schema", "-c", "/nowhere/config.yaml"], 1),
    ]

    @Test(arguments: codes)
    func `exit codes are yb-voyager's`(arguments: [String], code: Int32) throws {
        let run = try SwitchbackProcess(arguments)
        #expect(run.exitCode == code, "\(run.errors)")
        // A failure is printed only on stderr, as one message without colours, because stderr is not a
        // terminal.
        #expect(run.output.isEmpty == (code != 0))
        #expect(run.errors.hasPrefix("Error: ") == (code != 0))
        #expect(!run.errors.contains("\u{1B}"))
    }

    @Test func `a directory without a migration is refused and not changed`() throws {
        let scratch = try ScratchDirectory()
        let run = try SwitchbackProcess(["cutover", "status", "--export-dir", scratch.path])
        #expect(run.exitCode == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    }

    /// Starts the program with a named pipe as its config file, which stops it at a known point: when the
    /// other end is open, the process reads the file, and continues when that end is closed.
    private func start(_ arguments: [String], in scratch: ScratchDirectory) throws -> (
        Process, config: FileHandle, errors: Pipe
    ) {
        let fifo = scratch.path + "/config.yaml"
        // Sound: the C string lives for the call.
        try #require(unsafe mkfifo(fifo, 0o600) == 0)
        let (process, _, errors) = try SwitchbackProcess.start(arguments + ["-c", fifo])
        return (process, try #require(FileHandle(forWritingAtPath: fifo)), errors)
    }

    @Test func `a password given by a flag is not in the process list`() throws {
        let scratch = try ScratchDirectory()
        let (process, config, _) = try start(
            [
                "export", "schema", "--source-db-password", "s3cret-one", "--target-db-password=s3cret-two",
                "--source-db-host", "h",
            ], in: scratch)
        let shown = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(process.processIdentifier)/cmdline"))
        try config.close()
        process.waitUntilExit()
        let text = String(decoding: shown, as: UTF8.self).replacing("\0", with: " ")
        #expect(!text.contains("s3cret"))
        #expect(!text.contains("3cret"))
        #expect(text.contains("--source-db-password *"))
        #expect(text.contains("--target-db-password=*"))
        #expect(text.contains("--source-db-host h"))
    }

    @Test(arguments: [SIGINT, SIGTERM]) func `a signal ends a short verb with exit code 1`(signal: Int32)
        throws
    {
        let scratch = try ScratchDirectory()
        let (process, config, errors) = try start(["export", "schema"], in: scratch)
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 1)
        // The signal ended it, not a failure.
        #expect(try SwitchbackProcess.text(errors) == "")
        try config.close()
    }

    @Test func `a config file may be a pipe`() throws {
        let scratch = try ScratchDirectory()
        let (process, config, errors) = try start(["export", "schema"], in: scratch)
        try config.write(contentsOf: Data("no-such-key: 1\n".utf8))
        try config.close()
        process.waitUntilExit()
        let said = try SwitchbackProcess.text(errors)
        #expect(process.terminationStatus == 1)
        #expect(said.contains("no-such-key"), "\(said)")
    }

    @Test func `password values are found in both forms, and nothing else`() {
        let area =
            Array(
                "switchback\0--source-db-password\0one\0-e\0/e\0"
                    .utf8)
            + Array("--target-db-password=two\0--source-db-password\0\0".utf8)
        let values = PasswordFlags.valueRanges(in: area).map { String(decoding: area[$0], as: UTF8.self) }
        #expect(values == ["one", "two"])
        #expect(PasswordFlags.valueRanges(in: Array("a\0--source-db-password".utf8)).isEmpty)
    }

    @Test func `the logged command line has no password`() {
        #expect(
            Invocation.redacted([
                "switchback", "--source-db-password", "one", "--target-db-password=two", "-e", "/e",
            ])
                == "switchback --source-db-password *** --target-db-password=*** -e /e")
    }
}
