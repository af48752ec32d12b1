import Records

/// A line of the application's ledger, which is a text file that is only appended to.
package enum LedgerLine: Sendable, Equatable, CustomStringConvertible {
    /// The number of rows of a table before the first transaction.
    case opening(table: String, rows: Int64)
    /// Written before the transaction begins.
    case intent(Int64, kind: String)
    /// Written when the server has acknowledged the COMMIT.
    case acknowledged(Int64, at: Side, Effects)
    /// The transaction is not committed: it failed or was rolled back before its COMMIT was sent.
    case failed(Int64, reason: String)
    /// The COMMIT was sent and no answer came.
    case inDoubt(Int64)
    /// The time in which the application could not write during a move to the other side: from the last
    /// acknowledgement on one side to the first on the other.
    case moved(from: Side, to: Side, seconds: Double)
    /// An error that an application must not get during a migration.
    case fault(String)

    package var description: String {
        switch self {
        case .opening(let table, let rows): "opening \(table) \(rows)"
        case .intent(let id, let kind): "intent \(id) \(kind)"
        case .acknowledged(let id, let side, let effects): "ack \(id) \(side.rawValue) \(effects)"
        case .failed(let id, let reason): "fail \(id) \(reason)"
        case .inDoubt(let id): "doubt \(id)"
        case .moved(let from, let to, let seconds): "moved \(from.rawValue) \(to.rawValue) \(seconds)"
        case .fault(let text): "fault \(text.replacing("\n", with: " "))"
        }
    }

    package init(_ line: Substring) throws {
        guard let parsed = Self.parse(line) else { throw DemoError.ledgerUnreadable(line: String(line)) }
        self = parsed
    }

    private static func parse(_ line: Substring) -> LedgerLine? {
        let words = line.split(separator: " " as Character, maxSplits: 3, omittingEmptySubsequences: false)
            .map(String.init)
        guard words.count >= 2 else { return nil }
        let number = Int64(words[1])
        switch words[0] {
        case "opening":
            guard words.count == 3, let rows = Int64(words[2]) else { return nil }
            return .opening(table: words[1], rows: rows)
        case "intent": return number.map { .intent($0, kind: words.dropFirst(2).joined(separator: " ")) }
        case "ack":
            guard let number, words.count == 4, let side = Side(rawValue: words[2]),
                let effects = Effects(words[3])
            else { return nil }
            return .acknowledged(number, at: side, effects)
        case "fail": return number.map { .failed($0, reason: words.dropFirst(2).joined(separator: " ")) }
        case "doubt": return number.map { .inDoubt($0) }
        case "moved":
            guard words.count == 4, let from = Side(rawValue: words[1]), let to = Side(rawValue: words[2]),
                let seconds = Double(words[3])
            else { return nil }
            return .moved(from: from, to: to, seconds: seconds)
        case "fault": return .fault(words.dropFirst().joined(separator: " "))
        default: return nil
        }
    }
}
