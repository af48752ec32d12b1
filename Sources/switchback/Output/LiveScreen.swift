import Foundation
import Synchronization

/// The lower end of a long-running verb's output: sentences stay, the table below them is redrawn in place on a
/// terminal and appended elsewhere. Safe to call from any thread.
final class LiveScreen: Sendable {
    private let redraws: Bool
    private let emit: @Sendable (String) -> Void
    private let colour: @Sendable (String) -> String
    /// The table on the screen, to be drawn again below a new sentence.
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

    /// Cursor up over the table, then clear to the end of the screen (ECMA-48 CUU and ED).
    private func erasing(_ table: [String]) -> String {
        redraws && !table.isEmpty ? "\u{1B}[\(table.count)A\r\u{1B}[J" : ""
    }

    private func drawing(_ table: [String]) -> String {
        table.map { colour($0) + "\n" }.joined()
    }
}
