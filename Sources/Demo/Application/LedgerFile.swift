import Foundation
import Glibc
import Records
import Synchronization

/// The ledger's file, open for its only writer. Each line reaches the kernel whole before the call returns,
/// so a kill of the application loses none.
final class LedgerFile: Sendable {
    private let descriptor: Int32
    private let lastID: Mutex<Int64>

    /// Opens or creates the file and continues after its highest transaction.
    init(path: String) throws {
        let earlier = FileManager.default.fileExists(atPath: path) ? try Ledger(path: path) : Ledger()
        lastID = Mutex(earlier.highestID)
        descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw DemoError.directoryUnusable(path, reason: "the ledger cannot be opened")
        }
    }

    deinit { _ = close(descriptor) }

    func nextID() -> Int64 {
        lastID.withLock { last in
            last += 1
            return last
        }
    }

    func append(_ line: LedgerLine) throws {
        let bytes = Array((line.description + "\n").utf8)
        // One call for each line: with O_APPEND the kernel appends it whole.
        let written = unsafe write(descriptor, bytes, bytes.count)
        guard written == bytes.count else {
            throw DemoError.directoryUnusable("the ledger's directory", reason: "a line could not be written")
        }
    }
}

/// The content of a ledger.
package struct Ledger: Sendable {
    package private(set) var openingRows: [String: Int64] = [:]
    package private(set) var intents: Set<Int64> = []
    package private(set) var acknowledged: [Int64: Effects] = [:]
    package private(set) var acknowledgedAt: [Side: Int] = [.source: 0, .target: 0]
    package private(set) var failed: Set<Int64> = []
    package private(set) var inDoubt: Set<Int64> = []
    package private(set) var moves: [(from: Side, to: Side, seconds: Double)] = []
    package private(set) var faults: [String] = []
    package private(set) var highestID: Int64 = 0

    package init() {}

    /// Reads the file. A last line without a line end is still being written, so it is ignored.
    package init(path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        var lines = String(decoding: data, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        lines.removeLast()
        for line in lines { add(try LedgerLine(line)) }
    }

    package mutating func add(_ line: LedgerLine) {
        switch line {
        case .opening(let table, let rows): openingRows[table] = rows
        case .intent(let id, _):
            intents.insert(id)
            highestID = max(highestID, id)
        case .acknowledged(let id, let side, let effects):
            acknowledged[id] = effects
            acknowledgedAt[side, default: 0] += 1
        case .failed(let id, _): failed.insert(id)
        case .inDoubt(let id): inDoubt.insert(id)
        case .moved(let from, let to, let seconds): moves.append((from, to, seconds))
        case .fault(let text): faults.append(text)
        }
    }
}
