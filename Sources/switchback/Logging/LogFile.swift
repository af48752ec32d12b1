import Foundation
import Synchronization

/// A log file that is renamed when it is full: `name.log`, `name.log.1`, … up to `filesMax` old files, which
/// bounds the disk space of logs.
final class LogFile: Sendable {
    private struct State {
        var descriptor: Int32
        var bytes: Int
    }

    let path: String
    private let bytesMax: Int
    private let filesMax: Int
    private let state: Mutex<State>

    init(path: String, bytesMax: Int = 50 << 20, filesMax: Int = 4) throws {
        self.path = path
        self.bytesMax = bytesMax
        self.filesMax = filesMax
        let descriptor = Self.openToAppend(path)
        guard descriptor >= 0 else { throw VerbFailure("cannot write the log \(path): \(Self.lastError())") }
        state = Mutex(State(descriptor: descriptor, bytes: Self.size(of: descriptor)))
    }

    deinit {
        state.withLock { _ = close($0.descriptor) }
    }

    /// Appends a line. A log that cannot be written must not stop a migration, so nothing is thrown.
    func append(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        state.withLock { state in
            if state.bytes > 0, state.bytes + bytes.count > bytesMax { rotate(&state) }
            // Sound: the buffer lives for the call; the descriptor is open as long as this object lives.
            let written = unsafe bytes.withUnsafeBytes {
                unsafe write(state.descriptor, $0.baseAddress, $0.count)
            }
            state.bytes += max(0, written)
        }
    }

    private func rotate(_ state: inout State) {
        // A failed rename only leaves the log longer than it should be. Sound: the C strings live for the
        // calls.
        for number in stride(from: filesMax - 1, through: 1, by: -1) {
            _ = unsafe rename("\(path).\(number)", "\(path).\(number + 1)")
        }
        _ = unsafe rename(path, path + ".1")
        let descriptor = Self.openToAppend(path)
        guard descriptor >= 0 else { return }
        close(state.descriptor)
        state = State(descriptor: descriptor, bytes: Self.size(of: descriptor))
    }

    /// Opens a log file. Sound: the C string lives for the call.
    private static func openToAppend(_ path: String) -> Int32 {
        unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    }

    private static func size(of descriptor: Int32) -> Int {
        Int(max(0, lseek(descriptor, 0, SEEK_END)))
    }

    private static func lastError() -> String {
        String(describing: POSIXError(.init(rawValue: errno) ?? .EIO).code)
    }
}
