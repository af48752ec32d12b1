import Foundation
import Glibc

/// Writes all bytes, with as many calls as that takes. Returns false with the reason in `errno` if the kernel
/// refuses; any part may then be in the file.
@unsafe package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
        // Sound: the range from the first unwritten byte to the end of the caller's bytes.
        let count = unsafe write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
        if count < 0 {
            if errno == EINTR { continue }
            return false
        }
        sent += count
    }
    return true
}

/// Writes all bytes of an array; see the other `writeAll`.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    // Sound: the bytes live through the call.
    unsafe bytes.withUnsafeBytes { unsafe writeAll($0, to: descriptor) }
}

/// Returns the error of the last call on a file, by `errno`.
func fileError(_ path: String, doing: String) -> JournalError {
    let code = errno
    // Sound: strerror's string ends with a zero byte and is copied at once.
    let reason = unsafe String(cString: strerror(code))
    if code == ENOSPC || code == EDQUOT || code == EFBIG { return .diskFull(path: path, reason: reason) }
    return .file(path: path, doing: doing, reason: reason)
}

/// Makes a directory's entries durable.
package func syncDirectory(_ path: String) throws {
    // Sound: the C string lives through the call.
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fileError(path, doing: "open") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw fileError(path, doing: "sync") }
}
