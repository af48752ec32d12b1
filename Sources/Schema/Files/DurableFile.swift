import Foundation
import Glibc

/// File operations after which a power loss leaves a name with the whole file or with nothing.
enum DurableFile {
    /// Writes the text under a temporary name, syncs it and renames it into place.
    static func write(_ text: String, to path: String) throws(SchemaError) {
        try createDirectory((path as NSString).deletingLastPathComponent)
        let partial = path + ".partial"
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: partial))
        } catch {
            throw .file(path: path, doing: "write", reason: error.localizedDescription)
        }
        try sync(partial)
        try move(partial, to: path)
    }

    /// Returns a file's text, which is in UTF-8. Another encoding is an error, because the text would change.
    static func read(_ path: String) throws(SchemaError) -> String {
        let bytes = try bytes(path)
        if let zero = bytes.firstIndex(of: 0) {
            let line = bytes[..<zero].count { $0 == UInt8(ascii: "\n") } + 1
            throw .file(path: path, doing: "read", reason: "line \(line) has a NUL byte")
        }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        throw .file(
            path: path, doing: "read",
            reason: "line \(bytes.lineThatIsNotUTF8 ?? 1) is not in UTF-8")
    }

    static func bytes(_ path: String) throws(SchemaError) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw .file(path: path, doing: "read", reason: error.localizedDescription)
        }
    }

    /// Returns the first bytes of a file.
    static func head(_ path: String, bytesMax: Int) throws(SchemaError) -> Data {
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            return try file.read(upToCount: bytesMax) ?? Data()
        } catch {
            throw .file(path: path, doing: "read", reason: error.localizedDescription)
        }
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func createDirectory(_ path: String) throws(SchemaError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .file(path: path, doing: "create", reason: error.localizedDescription)
        }
    }

    /// Removes a file or directory; one that does not exist is no error.
    static func remove(_ path: String) throws(SchemaError) {
        guard exists(path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw .file(path: path, doing: "remove", reason: error.localizedDescription)
        }
    }

    /// Renames within one file system, replaces what was there, and syncs the directory.
    static func move(_ from: String, to path: String) throws(SchemaError) {
        // Sound: the strings live for the length of the call.
        guard unsafe rename(from, path) == 0 else {
            throw .file(path: path, doing: "put in place", reason: systemReason())
        }
        try sync((path as NSString).deletingLastPathComponent)
    }

    /// Syncs a file or a directory.
    static func sync(_ path: String) throws(SchemaError) {
        // Sound: the string lives for the length of the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: path, doing: "open", reason: systemReason()) }
        let synced = fsync(descriptor) == 0
        let reason = systemReason()
        close(descriptor)
        guard synced else { throw .file(path: path, doing: "sync", reason: reason) }
    }

    static func systemReason() -> String {
        // Sound: strerror's text is copied at once; errno is this thread's own.
        unsafe String(cString: strerror(errno))
    }
}
