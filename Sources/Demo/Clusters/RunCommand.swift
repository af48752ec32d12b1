import Foundation

/// Runs a program to its end, with what it said kept for the message where it fails.
///
/// The output goes through a file and not a pipe: a server started by the program would hold the pipe open.
@discardableResult
func runCommand(_ command: [String], in directory: String) throws -> String {
    let output = directory + "/command-\(UUID().uuidString).out"
    defer { try? FileManager.default.removeItem(atPath: output) }
    let status = try SpawnedProgram(command, in: directory, output: output).wait()
    let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
    guard status == 0 else {
        throw DemoError.commandFailed(
            command: command.joined(separator: " "), status: status,
            output: said.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    return said
}
