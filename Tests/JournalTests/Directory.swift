import Foundation
import Journal
import Records
import Support

/// An export directory for one test, deleted with the object.
final class Directory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "switchback-journal-" + UUID().uuidString
        for folder in ["data/queue", "metainfo"] {
            try FileManager.default.createDirectory(
                atPath: path + "/" + folder, withIntermediateDirectories: true)
        }
    }

    deinit {
        // A leftover in the temporary directory does no harm.
        try? FileManager.default.removeItem(atPath: path)
    }

    func segment(_ number: Int) -> String { segmentPath(path, number: number) }

    func contents(_ number: Int) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: segment(number))))
    }

    func put(_ bytes: [UInt8], as number: Int) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: segment(number)))
    }

    func write(_ messages: [[UInt8]], as number: Int) throws {
        var writer = try SegmentWriter(exportDirectory: path, header: header(number))
        for message in messages { try lend(message) { try writer.append($0) } }
        try writer.sync()
    }
}

func header(_ number: Int) -> SegmentHeader {
    SegmentHeader(
        number: number, leg: 1, direction: .forward, continuesTransaction: false,
        lastCommitLSN: LogPosition(number: 5),
        transactions: 2, counts: ["public.t": ChangeCounts(inserts: 1)], openCounts: [:])
}

/// A frame that a reader returned: a message, or a header by its number.
enum Read: Equatable {
    case header(Int)
    case message([UInt8])
}

extension SegmentReader {
    /// Reads until there is nothing more for now.
    mutating func rest() throws -> [Read] {
        var found: [Read] = []
        while true {
            var bytes: [UInt8] = []
            let frame = try next { message in
                // Sound: the bytes are copied within the call.
                unsafe message.withUnsafeBytes { unsafe bytes = Array($0) }
            }
            switch frame {
            case .header(let header): found.append(.header(header.number))
            case .message: found.append(.message(bytes))
            case .end: return found
            }
        }
    }
}
