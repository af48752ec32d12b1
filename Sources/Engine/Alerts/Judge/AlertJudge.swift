import Records

/// The judge of the alerts: facts go in, the list comes out. It finds the cause of each alert, so that a
/// consequence is never shown before it. A value without I/O.
package struct AlertJudge {
    let facts: AlertFacts
    var status: MigrationStatus { facts.status }
    var now: Double { status.readAt }

    package init(_ facts: AlertFacts) { self.facts = facts }

    /// The alerts, those of highest severity first. Each cause is followed by its consequences, and counts as
    /// the worst of them.
    package var alerts: [Alert] {
        guard status.phase != .ended else { return [] }
        let found = (serverAlerts + roleAlerts + streamAlerts + tableAlerts + gateAlerts + cutoverAlerts).map
        {
            alert in
            var alert = alert
            alert.since = alert.since ?? facts.kept[alert.id]?.since
            return alert
        }
        return AlertOrder.ordered(AlertOrder.linked(found, direction)).map { alert in
            var alert = alert
            alert.acknowledgement = facts.acknowledgements.last { $0.covers(alert) }
            return alert
        }
    }

    // MARK: What the parts of the judge share

    var direction: Direction { status.direction }

    /// Whether changes stream or rows are copied.
    var isLive: Bool { status.phase.direction != nil }

    var capture: CaptureStatus? { status.capture.flatMap { $0.direction == direction ? $0 : nil } }
    var apply: ApplyStatus? { status.apply.flatMap { $0.direction == direction ? $0 : nil } }

    func side(of role: Role) -> Side { role == .capture ? direction.origin : direction.destination }

    /// The place of a side for a sentence.
    func name(_ side: Side) -> String {
        let place = side == .source ? status.sourcePlace : status.targetPlace
        return "the \(side.rawValue)" + (place.map { " at \($0)" } ?? "")
    }

    /// The cutover under way; nil if there is none.
    var cutover: CutoverStatus? { status.cutovers.last { $0.word == .initiated } }

    /// Whether the application can write to neither side.
    var isApplicationHeld: Bool { cutover?.isFenced == true }

    /// The severity of a fault that prolongs the time without writes if there is one now.
    func raised(_ severity: Severity) -> Severity {
        severity == .error && isApplicationHeld ? .critical : severity
    }

    func who(runs side: Side) -> String { "whoever runs the server of the \(side.rawValue)" }
    static let you = "you"
}

extension String {
    /// The text with a capital letter at its beginning, for the begin of a sentence.
    package var asSentence: String { prefix(1).uppercased() + dropFirst() }
}
