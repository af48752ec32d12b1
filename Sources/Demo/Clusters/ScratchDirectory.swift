import Foundation
import Glibc

/// Creates a directory that the servers' user may enter, in `parent` or in the directory for temporary files.
func makeScratchDirectory(prefix: String, in parent: String? = nil, programs: ServerPrograms) throws -> String
{
    let place = try parent ?? temporaryPlace(programs)
    var template = Array("\(place)/\(prefix)XXXXXX".utf8CString)
    // Sound: the call overwrites only the six X inside the array.
    guard let made = unsafe mkdtemp(&template) else {
        throw DemoError.directoryUnusable(place, reason: "no directory can be made in it")
    }
    let path = unsafe String(cString: made)
    try openToServer(path, programs: programs)
    return path
}

/// Lets the servers' user enter a directory. Throws if one of its parents does not let that user in.
func openToServer(_ path: String, programs: ServerPrograms) throws {
    guard unsafe chmod(path, 0o755) == 0 else {
        throw DemoError.directoryUnusable(path, reason: "its mode cannot be changed")
    }
    guard let account = programs.account else { return }
    do { try runCommand(programs.asServerUser(["test", "-x", path]), in: "/tmp") } catch {
        throw DemoError.directoryUnusable(
            path,
            reason:
                "the servers run as \(account.name), who may not enter it; choose one below /tmp or /var/tmp")
    }
}

/// Returns `TMPDIR` if the servers' user may enter it, else `/tmp`.
private func temporaryPlace(_ programs: ServerPrograms) throws -> String {
    let place = NSTemporaryDirectory()
    let trimmed = place.count > 1 && place.hasSuffix("/") ? String(place.dropLast()) : place
    guard programs.account != nil else { return trimmed }
    var information = stat()
    let mayEnter = unsafe stat(trimmed, &information) == 0 && information.st_mode & 0o001 != 0
    return mayEnter ? trimmed : "/tmp"
}
