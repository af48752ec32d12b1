import Foundation
import Glibc

/// The operator's folder for what leaves the screen as a file. It is made when it is needed, and nobody else
/// may read in it.
package struct StateFolder {
    private let path: String

    package init(_ path: String) {
        self.path = path
    }

    /// Writes a file, which replaces one of the same name. Returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws(StateFileError) -> String {
        let file = path + "/" + name
        let temporary = file + ".new"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StateFileError(path: path, reason: error.localizedDescription)
        }
        // Sound: the path lives through the call.
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StateFileError(path: temporary, number: errno) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // Sound: the slice lives through the call.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let number = errno
                close(descriptor)
                unsafe unlink(temporary)
                throw StateFileError(path: temporary, number: number)
            }
            rest = rest.dropFirst(count)
        }
        close(descriptor)
        // Sound: as above.
        guard unsafe rename(temporary, file) == 0 else { throw StateFileError(path: file, number: errno) }
        return file
    }
}

/// The reason why a file of the operator's folder cannot be written.
package struct StateFileError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(path: String, reason: String) { description = "\(path): \(reason)" }

    init(path: String, number: Int32) {
        // Sound: the C library's string is copied before its next call.
        self.init(path: path, reason: unsafe String(cString: strerror(number)))
    }
}
