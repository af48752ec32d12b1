/// A line that the operator typed in line mode.
enum LineInput: Equatable {
    /// Nothing: the page is shown again.
    case show
    /// A command, and the number of the line that it is about if one was named.
    case command(Command, line: Int? = nil)
    /// A line of the page, by its number, which is opened.
    case open(Int)
    /// The questions of the page, one after the other.
    case answer
    /// Presses the button of the page.
    case go
    case filter(String)
    case help
    /// No command begins like that, or several do.
    case unknown(String)

    /// Reads a line. A command may be shortened while it stays the only one.
    init(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 1)
        guard let first = words.first.map({ String($0).lowercased() }) else {
            self = .show
            return
        }
        let rest = words.count > 1 ? String(words[1]) : ""
        switch first {
        case "go": self = .go
        case "answer": self = .answer
        case "help", "?": self = .help
        case "filter": self = .filter(rest)
        case "quit", "q", "exit": self = .command(.quit)
        default:
            if let number = Int(first) {
                self = .open(number)
            } else if let command = Command(rawValue: first) {
                self = .command(command, line: Int(rest))
            } else {
                let candidates = Command.allCases.filter { $0.rawValue.hasPrefix(first) }
                self = candidates.count == 1 ? .command(candidates[0], line: Int(rest)) : .unknown(line)
            }
        }
    }
}

extension Command {
    /// Whether the command has a meaning where nothing but lines is shown.
    var worksInLines: Bool {
        switch self {
        case .showThemes, .palette, .help, .up, .down, .pageUp, .pageDown, .top, .bottom, .nextField,
            .previousField,
            .choose,
            .nextChoice, .previousChoice, .filter, .columns, .freeze, .zoom, .follow, .copy, .copyPage,
            .screenshot, .edit, .redraw, .suspend, .interrupt:
            false
        case .showDashboard, .showTables, .showLog, .showPhase, .showCutover, .showVerification,
            .showSettings, .showChoice, .chooseAll, .chooseNone, .showAlerts, .showIncidents,
            .showMigrations, .sort, .reverseSort, .level, .open, .back, .nextPage,
            .previousPage, .again, .details, .startWorker, .acknowledge, .verify, .repairSQL, .retryTable,
            .fix, .waive, .accept,
            .abortCutover, .release, .endSession, .excludeTable, .errorPolicy, .takeWheel, .quit:
            true
        }
    }
}
