import Engine

/// What the console does for an action of an alert.
extension AlertAction {
    /// Whether the action changes the migration; the others only show something.
    var changes: Bool {
        switch self {
        case .openIncident, .showGates, .setDiskLimits: false
        case .startWorker, .retryRole, .resume, .retryTable, .excludeTable, .importIndexes, .endSession,
            .approve, .abortCutover:
            true
        }
    }

    /// Returns the actions of the console. Large consequences come after a question.
    func consequences(_ status: MigrationStatus) -> [Action] {
        switch self {
        case .startWorker: [.startWorker]
        case .openIncident: [.show(.incidents)]
        case .showGates: [.show(.cutover)]
        case .setDiskLimits: [.show(.live)]
        case .retryRole, .resume, .retryTable: request.map { [.leave($0)] } ?? []
        case .approve: [.run(.release)]
        case .abortCutover: [.run(.abortCutover)]
        case .excludeTable(let table):
            status.tables.first { $0.name == table }.map {
                [.ask(.typed(.exclude($0, of: status), then: .excludeTable(table)))]
            } ?? []
        case .importIndexes: request.map { [.ask(.importIndexes(status, then: $0))] } ?? []
        case .endSession(let writer, let side):
            Dialog.end(writer, on: side, .terminate, status).map { [.ask($0)] } ?? []
        }
    }
}

extension Dialog {
    /// The question before indexes and triggers are imported.
    static func importIndexes(_ status: MigrationStatus, then request: Request) -> Dialog {
        .question(
            Question(
                title: "IMPORT INDEXES AND TRIGGERS",
                lines: [
                    "The indexes, triggers and other objects that come after the snapshot are made on the "
                        + "TARGET \(status.place(of: .target)).",
                    "What exists stays. The stream continues meanwhile.",
                ], go: "Import"), then: .leave(request))
    }

    /// The question before the worker is stopped.
    static func stopWorker(_ status: MigrationStatus) -> Dialog {
        .question(
            Question(
                title: "STOP THE WORKER OF \(status.name)",
                lines: [
                    "Nothing is read from one database or written to the other until a worker runs again. "
                        + "The slot keeps the changes meanwhile.",
                    "No console starts it by itself; w does.",
                ], go: "Stop it"), then: .leave(.stopWorker))
    }
}
