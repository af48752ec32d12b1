import Foundation
import Glibc

/// Writes all of it, however many calls that takes; false, with the reason in `errno`, where the kernel refuses: then any
/// part of it may be in the file.
@unsafe package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
        // From what is not written to the end of what the caller lent.
        let count = unsafe write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
        if count < 0 {
            if errno == EINTR { continue }
            return false
        }
        sent += count
    }
    return true
}

/// The same of bytes in an array.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    unsafe bytes.withUnsafeBytes { unsafe writeAll($0, to: descriptor) }
}

/// What the last call on a file failed of, by `errno`.
func fileError(_ path: String, doing: String) -> JournalError {
    let code = errno
    let reason = unsafe String(cString: strerror(code))
    if code == ENOSPC || code == EDQUOT || code == EFBIG { return .diskFull(path: path, reason: reason) }
    return .file(path: path, doing: doing, reason: reason)
}

/// Makes a directory's entries durable.
package func syncDirectory(_ path: String) throws {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fileError(path, doing: "open") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw fileError(path, doing: "sync") }
}
