import Engine
import Records

extension MemorySide {
    /// A memory server takes no SQL; its statements are words for what it does.
    func statements(of work: PlannedWork) throws -> [PlannedStatement] {
        switch work {
        case .start(let leg, let tables):
            return side == leg.direction.origin
                ? [
                    PlannedStatement(
                        .start, ["publish \(tables.listed)"], count: counted(tables.count, "table"),
                        undo: .statements(["forget the publication"]))
                ] : []
        case .cutover(let leg, let tables):
            return side == leg.direction.origin
                ? [
                    PlannedStatement(
                        .step(.fence), ["fence the database"], undo: .statements(["open the database"]),
                        onlyFor: .databaseFence),
                    PlannedStatement(
                        .step(.fence), tables.map { "fence \($0)" }, count: counted(tables.count, "table"),
                        undo: .statements(tables.map { "open \($0)" }), onlyFor: .tableFence),
                    PlannedStatement(.step(.barrier), ["write a barrier"], undo: .reads),
                ]
                : [
                    PlannedStatement(
                        .step(.fallBackSlot), ["publish \(tables.listed)"],
                        count: counted(tables.count, "table"),
                        undo: .statements(["forget the publication"]), onlyFor: .fallBack)
                ]
        case .removal:
            return [PlannedStatement(.removal, ["forget the migration"], undo: .impossible)]
        case .sessionEnd: return [PlannedStatement(.sessionEnd, ["end a session"], undo: .impossible)]
        }
    }
}
