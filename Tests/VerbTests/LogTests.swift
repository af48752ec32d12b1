import Foundation
import Logging
import Testing

@testable import switchback

@Suite struct LogTests {
    @Test func `a line has time, level, origin and message`() {
        #expect(
            FileLogHandler.line(at: 1_769_853_600.25, level: .warning, origin: "capture", text: "one\ntwo")
                == "2026-01-31 10:00:00.250000 WARN capture one two")
    }

    @Test func `a full log is renamed and old ones are removed`() throws {
        let scratch = try ScratchDirectory()
        let log = try LogFile(path: scratch.path + "/a.log", bytesMax: 10, filesMax: 2)
        for number in 1...5 { log.append("line \(number)") }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == [
                "a.log", "a.log.1", "a.log.2",
            ])
        #expect(try String(contentsOfFile: scratch.path + "/a.log", encoding: .utf8) == "line 5\n")
        #expect(try String(contentsOfFile: scratch.path + "/a.log.2", encoding: .utf8) == "line 3\n")
    }

    @Test func `a password is never in the log`() throws {
        let scratch = try ScratchDirectory()
        let file = try LogFile(path: scratch.path + "/a.log")
        let secrets = SecretWords(["hunter2", nil])
        let log = Logger(label: "capture") {
            FileLogHandler(label: $0, file: file, level: .info, secrets: secrets)
        }
        log.info("cannot connect with password=hunter2", metadata: ["dsn": "postgres://u:hunter2@h/d"])
        log.debug("below the level")
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        #expect(!text.contains("hunter2"))
        #expect(text.contains("INFO capture cannot connect with password=*** dsn=postgres://u:***@h/d"))
        #expect(text.split(separator: "\n").count == 1)
    }
}
