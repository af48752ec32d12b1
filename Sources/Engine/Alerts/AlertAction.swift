import Records

/// An action of the operator that mends an alert, or that the alert leads to.
package enum AlertAction: Sendable, Equatable {
    case startWorker
    /// Try the roles again that an error stopped.
    case retryRole(Role)
    /// Resume the migration that the operator has paused.
    case resume
    /// Show an incident, by its id.
    case openIncident(String)
    case retryTable(QualifiedName)
    case excludeTable(QualifiedName)
    /// Import indexes and triggers, which come after the snapshot.
    case importIndexes
    case showGates
    /// End a session on a side, so that its transaction ends.
    case endSession(OpenWriter, on: Side)
    case approve
    case abortCutover
    case setDiskLimits

    /// The action in a few words.
    package var words: String {
        switch self {
        case .startWorker: "start the worker"
        case .retryRole(let role): "retry the \(role.work)"
        case .resume: "resume"
        case .openIncident: "show the change"
        case .retryTable(let table): "check \(table) again"
        case .excludeTable(let table): "exclude \(table)"
        case .importIndexes: "import indexes and triggers"
        case .showGates: "show the gates"
        case .endSession(let writer, let side): "end session \(writer.processID) on the \(side.rawValue)"
        case .approve: "approve the release"
        case .abortCutover: "abort the cutover"
        case .setDiskLimits: "change the limits of disk use"
        }
    }

    /// The request that performs the action; nil if it needs more than that, or only shows something.
    package var request: Request? {
        switch self {
        case .retryRole, .resume: .resume
        case .retryTable(let table): .retryTable(table)
        case .excludeTable(let table): .excludeTable(table)
        case .importIndexes: .importSchema(ImportSchemaOptions(postSnapshotImport: true))
        case .approve: .approveRelease
        case .abortCutover: .abortCutover
        case .endSession(let writer, let side):
            SessionEnd(writer, on: side, mode: .terminate).map(Request.endSession)
        case .startWorker, .openIncident, .showGates, .setDiskLimits: nil
        }
    }
}

extension Role {
    /// The role's work as the operator knows it.
    package var work: String {
        switch self {
        case .capture: "export"
        case .apply: "import"
        }
    }
}
