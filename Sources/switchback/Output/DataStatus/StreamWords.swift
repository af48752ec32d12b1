import Engine
import Records

/// The words about the stream of a role's tables, and how old its figures are.
struct StreamWords {
    private let role: Role
    private let current: Direction?
    private let state: String
    private let processID: Int32?
    private let publishedAt: Double?

    init(_ status: MigrationStatus, _ role: Role) {
        self.role = role
        current = status.phase.direction
        processID = status.processIDs[role]
        let published: (direction: Direction, word: RoleState.Word, at: Double)? =
            switch role {
            case .capture: status.capture.map { ($0.direction, $0.state.word, $0.publishedAt) }
            case .apply: status.apply.map { ($0.direction, $0.state.word, $0.publishedAt) }
            }
        // The file of an earlier leg says nothing about this one.
        let direction = status.phase.direction
        let own = published.flatMap { $0.direction == direction ? $0 : nil }
        publishedAt = own?.at
        state = processID == nil && own?.word != .stopped ? "not running" : own?.word.rawValue ?? "starting"
    }

    /// The state of a table's stream in one direction.
    func word(_ table: TableStatus, _ direction: Direction) -> String {
        guard let current, direction == current else { return "ended" }
        switch table.note?.word {
        case .excluded, .new: return table.note?.word.rawValue ?? ""
        case .setAside, .catchingUp:
            // The export writes the changes of such a table as those of any other.
            return role == .apply ? table.note?.word.rawValue ?? "" : state
        case nil: return state
        }
    }

    func countedAt(_ direction: Direction) -> String? {
        direction == current ? publishedAt.map(UTCTime.standard) : nil
    }

    /// The lines below the table: how old the figures are, whether the role runs, which gates were waived.
    func foot(_ status: MigrationStatus) -> [String] {
        let lines = (sentence.map { [$0] } ?? []) + WaiverReport(status.cutovers).lines
        return lines.isEmpty ? [] : [""] + lines
    }

    private var sentence: String? {
        guard current != nil else { return nil }
        let name = role == .capture ? "export" : "import"
        let time = publishedAt.map { "the figures of the stream are of \(UTCTime.seconds($0)) UTC" }
        return switch (processID, time) {
        case (nil, let time?): "The \(name) runs in no process: \(time)."
        case (nil, nil): "The \(name) runs in no process, and has not streamed yet."
        case (let process?, let time?): "The \(name) runs, process \(process): \(time)."
        case (let process?, nil): "The \(name) runs, process \(process)."
        }
    }
}

/// A count in a table; a dash where it is not known.
func cell(_ count: Int64?) -> String { count.map(String.init) ?? "-" }

extension MigrationStatus {
    var tablesByName: [TableStatus] { tables.sorted { $0.name < $1.name } }

    /// The directions in which changes stream, or have streamed.
    var streamedDirections: [Direction] { fallBackEnabled ? [.forward, .reverse] : [.forward] }
}
