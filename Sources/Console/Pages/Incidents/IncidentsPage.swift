import Engine

/// The page that lists the changes that could not be applied.
package struct IncidentsPage: Page {
    package var id: PageID { .incidents }
    private var list = ListChoice()

    package init() {}

    package var reads: Reads { Reads(incidents: true) }
    package var takesText: Bool { list.isFiltering }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        list.type(key) ? [] : nil
    }

    static let orders: [ListOrder<Incident>] = [
        ListOrder("newest first"), ListOrder("TIME", by: { $0.at }), ListOrder("TABLE", by: { $0.table }),
        ListOrder("WHAT", by: { $0.operation.rawValue }), ListOrder("KEY", by: { $0.keyText }),
        ListOrder("REASON", by: { $0.reason }), ListOrder("HANDLING", by: { $0.handling.description }),
    ]

    private func incidents(_ data: ConsoleData) -> [Incident] {
        list.arranged(data.incidents, by: Self.orders, \.words)
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case _ where ListChoice.takes(command), .back, .open: nil
        case .errorPolicy: data.status == nil ? "The policy is not known yet." : nil
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if list.perform(command, count: incidents(data).count, orders: Self.orders.count) { return [] }
        switch command {
        case .back:
            if !list.hasFilter { return [.show(.dashboard)] }
            list.clearFilter()
            return []
        case .open:
            return chosen(data).map {
                [.push(DetailsPage(title: "Incident", lines: [PageLine($0.words)], sql: $0.words))]
            } ?? []
        case .errorPolicy: return data.status.map { [.ask(.policy($0))] } ?? []
        default: return []
        }
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        list.scroll.clamp(count: incidents(data).count)
        return []
    }

    package func copied(_ data: ConsoleData) -> String? { chosen(data)?.words }

    private func chosen(_ data: ConsoleData) -> Incident? {
        let incidents = incidents(data)
        return incidents.indices.contains(list.scroll.selected) ? incidents[list.scroll.selected] : nil
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.drawIncidents(incidents(data), list, data, in: area)
    }
}

extension Dialog {
    /// The question before the policy for incidents changes from stopping to stashing, or back.
    static func policy(_ status: MigrationStatus) -> Dialog {
        var rules = status.incidentRules
        let stashes = rules.policy == .stop
        rules.policy = stashes ? .stash : .stop
        return .question(
            Question(
                title: stashes ? "STASH INCIDENTS" : "STOP AT INCIDENTS",
                lines: stashes
                    ? [
                        "A change that cannot be applied is stashed, and the import goes on without it. The "
                            + "databases then differ until you mend the row.",
                        "At most \(rules.incidentsMax) are stashed; then the import stops. P changes it "
                            + "back.",
                    ]
                    : ["The import stops at the next change that cannot be applied. P changes it back."],
                go: stashes ? "Stash them" : "Stop at them"), then: .leave(.setErrorPolicy(rules)))
    }
}
