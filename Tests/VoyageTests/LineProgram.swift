import Demo
import Foundation
import Support

/// A program whose input is a pipe and whose output is a file: a test says lines, and waits for what is
/// answered.
final class LineProgram {
    private let program: SpawnedProgram
    private let input: FileHandle
    private let outputPath: String
    /// The bytes of the output before the last line that was said.
    private var mark = 0

    init(shell command: String, in directory: String, environment: [String: String]) throws {
        outputPath = directory + "/lines.out"
        let pipe = Pipe()
        input = pipe.fileHandleForWriting
        // The program must see the pipe's end when this process closes it.
        _ = fcntl(input.fileDescriptor, F_SETFD, FD_CLOEXEC)
        program = try SpawnedProgram(
            ["sh", "-c", command], in: directory, input: pipe.fileHandleForReading.fileDescriptor,
            output: outputPath, environment: environment)
        try pipe.fileHandleForReading.close()
    }

    var output: String {
        String(decoding: FileManager.default.contents(atPath: outputPath) ?? Data(), as: UTF8.self)
    }

    /// What was printed since the last line that was said.
    var answer: String {
        String(
            decoding: (FileManager.default.contents(atPath: outputPath) ?? Data()).dropFirst(mark),
            as: UTF8.self)
    }

    /// Waits until the answer has the text.
    func waitFor(_ text: String, timeout seconds: Double = 60) throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while !answer.contains(text) {
            guard ContinuousClock.now < end else {
                throw PseudoTerminalError("“\(text)” not within \(seconds) s; the output was:\n\(output)")
            }
            usleep(20_000)
        }
    }

    /// Says a line, and waits for the prompt after it or another text.
    func say(_ line: String, until text: String) throws {
        mark = (FileManager.default.contents(atPath: outputPath) ?? Data()).count
        try input.write(contentsOf: Data((line + "\n").utf8))
        try waitFor(text)
    }

    /// Closes the input and returns the exit status.
    func end() throws -> Int32 {
        try input.close()
        return program.wait()
    }
}
