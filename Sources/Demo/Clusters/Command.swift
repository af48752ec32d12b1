import Foundation

/// Runs a program to its end, with what it said kept for the message where it fails.
///
/// The output goes through a file and not a pipe: a server started by the program would hold the pipe open.
func runCommand(_ command: [String], in directory: String) throws {
    let output = directory + "/command-\(UUID().uuidString).out"
    defer { try? FileManager.default.removeItem(atPath: output) }
    guard FileManager.default.createFile(atPath: output, contents: nil),
        let handle = FileHandle(forWritingAtPath: output)
    else {
        throw DemoError.directoryUnusable(directory, reason: "no file can be made in it")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    try handle.close()
    guard process.terminationStatus == 0 else {
        let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        throw DemoError.commandFailed(
            command: command.joined(separator: " "), status: process.terminationStatus,
            output: said.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
