import Engine

/// What line mode has said already, so that only news is said.
struct LineNews {
    private var saidNeeds: [Need] = []
    private var saidEvent: Int64?
    private var saidPhase: Phase?
    private var saidRecord: Int64?

    /// Passes over the events until now.
    mutating func skipEvents(_ data: ConsoleData) { saidEvent = data.events.last?.id ?? 0 }

    /// Returns what has changed since the last call: the event log, the phase, the end of what was asked for,
    /// and what needs the operator.
    mutating func news(_ data: ConsoleData) -> [String] {
        var lines: [String] = []
        func time(_ at: Double) -> String { clock(at, utcOffset: data.utcOffset) }
        for event in data.events where event.id > saidEvent ?? 0 && !isAlertOf(data, event) {
            lines.append("\(time(event.at)) \(event.level.word)\(event.origin): \(event.message)")
        }
        saidEvent = max(saidEvent ?? 0, data.events.last?.id ?? 0)
        if let phase = data.status?.phase, phase != saidPhase {
            saidPhase = phase
            lines.append("\(time(data.now)) The phase is \(phase.word).")
        }
        if let record = data.record, !record.isOpen, record.id != saidRecord {
            saidRecord = record.id
            let hasFailed = record.checks.contains { $0.state == .failure }
            let mark = hasFailed ? "✗" : record.state.mark
            lines.append(
                "\(time(data.now)) \(mark) \(record.request.title): \(record.state.rawValue). "
                    + oneLine(record.answer))
        }
        let needs = data.openNeeds
        func isSaid(_ need: Need) -> Bool {
            saidNeeds.contains { said in
                if let id = need.alert?.id { return id == said.alert?.id && need.severity <= said.severity }
                return said == need
            }
        }
        for need in needs where !isSaid(need) {
            let way = need.alert?.action.map { " You can: \($0.words) (see `alerts`)." } ?? ""
            lines.append("\(time(data.now)) \(need.severity.word)\(need.sentence)\(way)")
        }
        if needs.isEmpty, !saidNeeds.isEmpty {
            lines.append("\(time(data.now)) ✓ Nothing needs you any more.")
        }
        saidNeeds = needs
        return lines
    }

    /// Whether the event is the log's copy of an alert that is said with what can be done about it.
    private func isAlertOf(_ data: ConsoleData, _ event: LogEvent) -> Bool {
        event.origin == "alert" && (saidNeeds + data.needs).contains { $0.sentence == event.message }
    }
}
