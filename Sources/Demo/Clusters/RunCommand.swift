import Foundation

/// Runs a program to its end and returns its output. Throws with the output if it fails.
///
/// The output goes to a file and not to a pipe, because a server that the program starts would keep the pipe
/// open.
@discardableResult
func runCommand(_ command: [String], in directory: String) throws -> String {
    let output = directory + "/command-\(UUID().uuidString).out"
    // A file that stays in the directory does no harm.
    defer { try? FileManager.default.removeItem(atPath: output) }
    let status = try SpawnedProgram(command, in: directory, output: output).wait()
    // Without its output the message still has command and status.
    let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
    guard status == 0 else {
        throw DemoError.commandFailed(
            command: command.joined(separator: " "), status: status,
            output: said.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    return said
}
