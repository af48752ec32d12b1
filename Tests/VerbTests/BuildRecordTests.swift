import Foundation
import Testing

@testable import switchback

/// The output of `switchback version`, and the script that records it before a build.
@Suite struct BuildRecordTests {
    private static let checkout = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func `the version has yb-voyager's three lines and the Swift version`() throws {
        let fields = try Self.fields(of: try SwitchbackProcess(["version"]).output, separator: "=")
        #expect(fields.map(\.name) == ["VERSION", "GIT_COMMIT_HASH", "LAST_COMMIT_DATE", "SWIFT_VERSION"])
        #expect(fields.first?.value == BuildVersion.version)
        #expect(fields.last?.value.wholeMatch(of: /[0-9]+\.[0-9]+.*/) != nil)
    }

    @Test func `the version names a commit of the checkout, and its date`() throws {
        // A build may be of an earlier commit than the one that is checked out now.
        let commit = BuildRecord.commit.replacing("-modified", with: "")
        let isCheckout = FileManager.default.fileExists(atPath: Self.checkout.path + "/.git")
        guard isCheckout else { return }
        #expect(commit.wholeMatch(of: /[0-9a-f]{40}|[0-9a-f]{64}/) != nil)
        #expect(
            try Self.git("show", "-s", "--format=%cI", commit, in: Self.checkout.path)
                == BuildRecord.commitDate)
    }

    @Test func `a checkout records its commit, and whether it was modified`() throws {
        let source = try Source()
        try Self.git("init", "--quiet", in: source.path)
        try Self.git("add", "--all", in: source.path)
        try Self.git(
            "-c", "user.name=n", "-c", "user.email=e@localhost", "commit", "--quiet", "-m", "one",
            in: source.path)
        let commit = try Self.git("rev-parse", "HEAD", in: source.path)
        let date = try Self.git("show", "-s", "--format=%cI", in: source.path)
        #expect(try source.record() == ["commit": commit, "commitDate": date, "swiftVersion": "6.2.9"])
        try "changed".write(toFile: source.path + "/Sources/file", atomically: true, encoding: .utf8)
        #expect(try source.record()["commit"] == commit + "-modified")
    }

    @Test func `a copy without git records an unknown commit, also below another checkout`() throws {
        let source = try Source()
        let unknown = ["commit": "unknown", "commitDate": "unknown", "swiftVersion": "6.2.9"]
        #expect(try source.record() == unknown)
        let outer = URL(fileURLWithPath: source.path).deletingLastPathComponent().path
        try Self.git("init", "--quiet", in: outer)
        #expect(try source.record() == unknown)
    }

    @Test func `a source archive records the commit it was made of`() throws {
        let source = try Source(commitFile: "0123abc 2026-11-28T01:58:21+00:00\n")
        #expect(
            try source.record() == [
                "commit": "0123abc", "commitDate": "2026-11-28T01:58:21+00:00", "swiftVersion": "6.2.9",
            ])
    }

    @Test func `a record that says the same is not written again`() throws {
        let source = try Source()
        _ = try source.record()
        let past = Date(timeIntervalSince1970: 1_000_000_000)
        try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: source.file)
        _ = try source.record()
        let attributes = try FileManager.default.attributesOfItem(atPath: source.file)
        #expect(attributes[.modificationDate] as? Date == past)
    }

    /// A folder of source files, with the script and a compiler that only prints its version.
    private struct Source {
        private let scratch: ScratchDirectory
        let path: String
        var file: String { scratch.path + "/BuildRecord.swift" }
        private var compiler: String { scratch.path + "/swiftc" }

        init(commitFile: String = "$Format:%H %cI$\n") throws {
            scratch = try ScratchDirectory()
            path = scratch.path + "/source"
            let files = FileManager.default
            for folder in ["/packaging", "/Sources"] {
                try files.createDirectory(atPath: path + folder, withIntermediateDirectories: true)
            }
            try commitFile.write(toFile: path + "/packaging/commit.txt", atomically: true, encoding: .utf8)
            try "as it was".write(toFile: path + "/Sources/file", atomically: true, encoding: .utf8)
            try "#!/bin/sh\necho Swift version 6.2.9 '(of a test)'\n"
                .write(toFile: compiler, atomically: true, encoding: .utf8)
            try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: compiler)
        }

        /// Runs the script; returns what it recorded.
        func record() throws -> [String: String] {
            let script = BuildRecordTests.checkout.path + "/packaging/record-build"
            _ = try BuildRecordTests.run("/bin/sh", [script, path, file, compiler])
            let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
                .filter { $0.contains("static let") }
                .map { $0.replacing("    static let ", with: "").replacing("\"", with: "") }
            let fields = try BuildRecordTests.fields(of: lines.joined(separator: "\n"), separator: " = ")
            return Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.value) })
        }
    }

    private static func fields(of text: String, separator: String) throws -> [(name: String, value: String)] {
        try text.split(separator: "\n").map { line in
            let place = try #require(line.firstRange(of: separator))
            return (String(line[..<place.lowerBound]), String(line[place.upperBound...]))
        }
    }

    @discardableResult
    private static func git(_ arguments: String..., in directory: String) throws -> String {
        try run("/usr/bin/env", ["git", "-c", "safe.directory=*", "-C", directory] + arguments)
    }

    /// Runs a program that has to succeed; returns what it printed, without the last line end.
    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let printed = try SwitchbackProcess.text(output)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return printed.trimmingCharacters(in: .newlines)
    }
}
