import Foundation
import Glibc
import Testing

@testable import Demo

/// The program itself, as an operator starts it.
@Suite(.serialized) struct WholeDemoTests {
    private static let bound = 120.0

    /// The path of the program, beside the test bundle.
    private var program: String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/switchback"
    }

    private func start(_ arguments: [String], _ directory: String) throws -> SpawnedProgram {
        try SpawnedProgram(
            [program, "demo", "--headless", "--rows", "4000", "--rate", "100", "--dir", directory]
                + arguments, in: "/tmp",
            output: directory + ".out")
    }

    private func said(_ directory: String) -> String {
        (try? String(contentsOfFile: directory + ".out", encoding: .utf8)) ?? ""
    }

    /// Polls until the condition is true or the bound is reached.
    private func awaitThat(_ condition: () -> Bool) -> Bool {
        let end = ProcessInfo.processInfo.systemUptime + Self.bound
        while !condition() {
            if ProcessInfo.processInfo.systemUptime > end { return false }
            usleep(20_000)
        }
        return true
    }

    @Test func `a headless demo with a killed worker goes through all phases and leaves nothing behind`()
        throws
    {
        let directory = "/tmp/switchback-whole-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory + ".out") }
        let demo = try start(["--seconds", "6", "--chaos", "5"], directory)
        let status = demo.wait()
        let said = said(directory)
        #expect(status == 0, Comment(rawValue: said))
        #expect(
            said.contains("every table was equal on both sides after each leg, and the ledger is complete"))
        #expect(said.contains("killed 5 times by the demo"))
        // The cutover before the indexes and triggers.
        let lines = said.split(separator: "\n").map(String.init)
        let refused = try #require(lines.firstIndex { $0.contains("the cutover is refused") })
        #expect(lines[refused + 1].contains("indexes (red): index"), "\(lines[refused + 1])")
        #expect(lines[refused + 1].contains("is missing on the target"))
        #expect(lines[refused + 2].contains("triggers (red): trigger"), "\(lines[refused + 2])")
        #expect(lines[refused + 3].contains("creating the indexes and triggers"))
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    @Test(arguments: [SIGKILL, SIGINT])
    func `a demo that is interrupted leaves no server and no directory`(signal: Int32) throws {
        let directory = "/tmp/switchback-whole-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory + ".out") }
        let demo = try start(["--seconds", "60"], directory)
        #expect(awaitThat { said(directory).contains("streaming for") }, Comment(rawValue: said(directory)))
        let servers = try servers(in: directory)
        #expect(servers.count == 2)
        let worker = try #require(readProcessID(directory + "/export-dir/.apply.lock"))
        demo.signal(signal)
        let status = demo.wait()
        #expect(status == (signal == SIGKILL ? 128 + SIGKILL : 130))
        #expect(awaitThat { !FileManager.default.fileExists(atPath: directory) })
        #expect(awaitThat { (servers + [worker]).allSatisfy { !isRunning($0) } })
    }

    private func servers(in directory: String) throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasPrefix("sb-") }
            .compactMap {
                let file = try String(
                    contentsOfFile: "\(directory)/\($0)/data/postmaster.pid", encoding: .utf8)
                return file.split(separator: "\n").first.flatMap { pid_t($0) }
            }
    }
}
