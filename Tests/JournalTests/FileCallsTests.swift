import Foundation
import Glibc
import Testing

@testable import Journal

@Suite struct FileCallsTests {
    @Test func `all bytes are written, and a full device is reported as such`() throws {
        let path = FileManager.default.temporaryDirectory.path + "/switchback-\(UUID().uuidString)"
        defer { unsafe unlink(path) }
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let file = unsafe open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        #expect(writeAll(bytes, to: file))
        close(file)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(bytes))

        let full = unsafe open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        #expect(!writeAll(bytes, to: full))
        let error = fileError("/dev/full", doing: "write")
        guard case .diskFull(path: "/dev/full", _) = error else {
            Issue.record("another error: \(error)")
            return
        }
    }
}
