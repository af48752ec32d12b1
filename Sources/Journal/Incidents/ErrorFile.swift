import Foundation

/// The file below `data/errors/` with the stashed changes of one leg, one line of JSON for each.
///
/// It may contain row values, so only its owner can read it. Lines are appended at the length that the
/// journal has. What a crash left after that is cut off and written again, so that no line is there twice or
/// in part.
package struct ErrorFile: Sendable {
    package let path: String

    package init(exportDirectory: String, leg: Int) {
        path = "\(exportDirectory)/data/errors/leg-\(leg).jsonl"
    }

    /// Appends lines after the first `knownBytes`, and returns the new length once it is on disk. If somebody
    /// has removed or shortened the file, lines are appended at its end.
    package func append(_ lines: [String], after knownBytes: Int) throws -> Int {
        let folder = (path as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw JournalError.file(path: folder, doing: "make", reason: error.localizedDescription)
        }
        // `open` reads the path's bytes, which are valid for the call.
        let descriptor = unsafe open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fileError(path, doing: "open") }
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size >= 0 else { throw fileError(path, doing: "read") }
        let start = min(size, knownBytes)
        guard ftruncate(descriptor, off_t(start)) == 0, lseek(descriptor, off_t(start), SEEK_SET) >= 0 else {
            throw fileError(path, doing: "write")
        }
        var length = start
        for line in lines {
            let bytes = Array((line + "\n").utf8)
            guard writeAll(bytes, to: descriptor) else { throw fileError(path, doing: "write") }
            length += bytes.count
        }
        guard fsync(descriptor) == 0 else { throw fileError(path, doing: "sync") }
        try syncDirectory(folder)
        return length
    }
}
