import Foundation
import Synchronization

/// The output of a long-running verb: sentences, and a table below them. On a terminal the table is redrawn
/// in place; elsewhere it is appended. Any thread may call it.
final class LiveScreen: Sendable {
    private let redraws: Bool
    private let emit: @Sendable (String) -> Void
    private let colour: @Sendable (String) -> String
    /// The table on the screen, which is drawn again below a new sentence.
    private let shown = Mutex<[String]>([])

    init(
        redraws: Bool = Terminal.output.isTerminal,
        colour: @escaping @Sendable (String) -> String = { Terminal.output.coloured($0, .green) },
        emit: @escaping @Sendable (String) -> Void = { Terminal.output.write($0) }
    ) {
        self.redraws = redraws
        self.emit = emit
        self.colour = colour
    }

    func say(_ sentence: String) {
        shown.withLock { emit(erasing($0) + sentence + "\n" + drawing(redraws ? $0 : [])) }
    }

    func show(table: [String]) {
        shown.withLock {
            emit(erasing($0) + drawing(table))
            $0 = table
        }
    }

    /// Returns the sequence that moves the cursor up over the table and clears to the end of the screen
    /// (ECMA-48 CUU, ED).
    private func erasing(_ table: [String]) -> String {
        redraws && !table.isEmpty ? "\u{1B}[\(table.count)A\r\u{1B}[J" : ""
    }

    private func drawing(_ table: [String]) -> String {
        table.map { colour($0) + "\n" }.joined()
    }
}
