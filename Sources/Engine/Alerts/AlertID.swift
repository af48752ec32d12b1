import Records

/// The identity of an alert: what it is about. It stays the same from one reading to the next, so that an
/// operator can acknowledge an alert and a script can recognise it.
package enum AlertID: Hashable, Sendable {
    /// The source or the target does not answer.
    case serverAway(Side)
    /// A role that has work to do runs in no process.
    case noWorker(Role)
    /// A process has the role, and publishes nothing.
    case stale(Role)
    /// An error stopped a role.
    case roleStopped(Role)
    case roleRetries(Role)
    /// A role waits for the other one, or for a condition.
    case roleWaits(Role)
    /// A limit pauses a role, and not the operator.
    case rolePaused(Role)
    case slotAtRisk
    case diskAtRisk
    case queueAtRisk
    case notCatchingUp
    /// The operator has paused the migration.
    case paused
    case tableSetAside(QualifiedName)
    case newTable(QualifiedName)
    /// The apply has stopped at a change.
    case incidentStops
    case incidentsStashed
    /// Indexes or triggers are not on the destination.
    case indexesMissing
    /// Gates that no other alert is about refuse the next cutover.
    case gatesRefuse
    /// A session, or a prepared transaction, delays a cutover. The text is that of `OpenWriter.id`.
    case sessionInTheWay(String)
    case cutoverWaits(CutoverStep)
    case cutoverAwaitsApproval
    case cutoverIsBeingAborted
    /// The last cutover was aborted, and its cause is not acknowledged.
    case cutoverAborted

    /// The name and the subject, as texts of the journal and of JSON have them: `roleStopped`, `capture`.
    private var parts: (name: String, subject: String?) {
        switch self {
        case .serverAway(let side): ("serverAway", side.rawValue)
        case .noWorker(let role): ("noWorker", role.rawValue)
        case .stale(let role): ("stale", role.rawValue)
        case .roleStopped(let role): ("roleStopped", role.rawValue)
        case .roleRetries(let role): ("roleRetries", role.rawValue)
        case .roleWaits(let role): ("roleWaits", role.rawValue)
        case .rolePaused(let role): ("rolePaused", role.rawValue)
        case .slotAtRisk: ("slotAtRisk", nil)
        case .diskAtRisk: ("diskAtRisk", nil)
        case .queueAtRisk: ("queueAtRisk", nil)
        case .notCatchingUp: ("notCatchingUp", nil)
        case .paused: ("paused", nil)
        case .tableSetAside(let table): ("tableSetAside", table.description)
        case .newTable(let table): ("newTable", table.description)
        case .incidentStops: ("incidentStops", nil)
        case .incidentsStashed: ("incidentsStashed", nil)
        case .indexesMissing: ("indexesMissing", nil)
        case .gatesRefuse: ("gatesRefuse", nil)
        case .sessionInTheWay(let session): ("sessionInTheWay", session)
        case .cutoverWaits(let step): ("cutoverWaits", step.rawValue)
        case .cutoverAwaitsApproval: ("cutoverAwaitsApproval", nil)
        case .cutoverIsBeingAborted: ("cutoverIsBeingAborted", nil)
        case .cutoverAborted: ("cutoverAborted", nil)
        }
    }

    /// Makes the identity of a name and a subject; nil if there is no such alert.
    private init?(_ name: String, _ subject: String?) {
        let role = subject.flatMap(Role.init(rawValue:))
        let table = subject.map { QualifiedName(parsing: $0) }
        let found: AlertID? =
            switch name {
            case "serverAway": subject.flatMap(Side.init(rawValue:)).map { .serverAway($0) }
            case "noWorker": role.map { .noWorker($0) }
            case "stale": role.map { .stale($0) }
            case "roleStopped": role.map { .roleStopped($0) }
            case "roleRetries": role.map { .roleRetries($0) }
            case "roleWaits": role.map { .roleWaits($0) }
            case "rolePaused": role.map { .rolePaused($0) }
            case "slotAtRisk": .slotAtRisk
            case "diskAtRisk": .diskAtRisk
            case "queueAtRisk": .queueAtRisk
            case "notCatchingUp": .notCatchingUp
            case "paused": .paused
            case "tableSetAside": table.map { .tableSetAside($0) }
            case "newTable": table.map { .newTable($0) }
            case "incidentStops": .incidentStops
            case "incidentsStashed": .incidentsStashed
            case "indexesMissing": .indexesMissing
            case "gatesRefuse": .gatesRefuse
            case "sessionInTheWay": subject.map { .sessionInTheWay($0) }
            case "cutoverWaits": subject.flatMap(CutoverStep.init(rawValue:)).map { .cutoverWaits($0) }
            case "cutoverAwaitsApproval": .cutoverAwaitsApproval
            case "cutoverIsBeingAborted": .cutoverIsBeingAborted
            case "cutoverAborted": .cutoverAborted
            default: nil
            }
        guard let found else { return nil }
        self = found
    }
}

extension AlertID: CustomStringConvertible {
    /// `roleStopped:capture`; `init(parsing:)` reads it.
    package var description: String {
        let (name, subject) = parts
        return subject.map { "\(name):\($0)" } ?? name
    }

    /// Reads the form that `description` prints; nil if there is no such alert.
    package init?(parsing text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(String(parts[0]), parts.count == 2 ? String(parts[1]) : nil)
    }
}

extension AlertID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = AlertID(parsing: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no alert \(text)")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
