import Foundation

/// The file below `data/errors/` that holds the changes of one leg that were set aside, a line of JSON each.
///
/// It may hold row values, so only its owner reads it. It is written from the length the journal knows on: what a crash
/// left after that is cut off and written again, so that no line is there twice, or half.
package struct ErrorFile: Sendable {
    package let path: String

    package init(exportDirectory: String, leg: Int) {
        path = "\(exportDirectory)/data/errors/leg-\(leg).jsonl"
    }

    /// Appends lines after the first `knownBytes` and returns the length of the file with them, when the disk has it.
    /// A file that is shorter, because somebody took it away, goes on at its end.
    package func append(_ lines: [String], after knownBytes: Int) throws -> Int {
        let folder = (path as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw JournalError.file(path: folder, doing: "make", reason: error.localizedDescription)
        }
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
