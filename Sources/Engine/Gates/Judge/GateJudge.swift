import Records

/// The judge of the gates: facts go in, the list comes out. A gate is green only if everything that it judges
/// was read, lately, and is as it should be. A value without I/O.
package struct GateJudge {
    let facts: GateFacts

    package init(_ facts: GateFacts) { self.facts = facts }

    /// All gates, in the order in which they are shown, with the waivers of the cutover.
    package var gates: [Gate] { waived(serverGates + catalogGates + streamGates) }

    /// The gates that a step of the cutover judges by itself, because what the roles publish is not its own.
    package var stepGates: [Gate] { waived(serverGates + catalogGates) }

    var direction: Direction { facts.direction }
    var originSide: Side { direction.origin }
    var destinationSide: Side { direction.destination }

    private func waived(_ gates: [Gate]) -> [Gate] {
        let order = Dictionary(uniqueKeysWithValues: GateName.allCases.enumerated().map { ($1, $0) })
        return gates.map { gate in
            var gate = gate
            gate.waiver = facts.options.waivers.last { $0.gate == gate.name }
            return gate
        }.sorted { order[$0.name] ?? 0 < order[$1.name] ?? 0 }
    }

    // MARK: Readings

    /// Returns the facts of a reading, or the gate that says why they are unknown.
    func known<Facts>(
        _ reading: GateReading<Facts>?, _ side: Side, _ gate: (name: GateName, title: String)
    ) -> Result<Facts, Unknown> {
        func unknown(_ found: String, _ remedy: String, isStale: Bool) -> Result<Facts, Unknown> {
            var unknown = Gate(
                gate.name, title: gate.title, .unknown, found: found, remedy: remedy, readAt: reading?.readAt)
            unknown.isStale = isStale
            return .failure(Unknown(gate: unknown))
        }
        let role =
            side == originSide ? "export data from \(side.rawValue)" : "import data to \(side.rawValue)"
        guard let reading else {
            return unknown(
                "the \(side.rawValue) was not read yet", "start `switchback \(role)`, or the worker",
                isStale: true)
        }
        guard reading.isFresh(at: facts.now) else {
            return unknown(
                "the \(side.rawValue) was last read \(Int(abs(facts.now - reading.readAt))) s ago",
                "see whether `switchback \(role)` runs", isStale: true)
        }
        guard let known = reading.facts else {
            return unknown(
                "the \(side.rawValue) could not be read: \(reading.trouble ?? "no reason given")",
                "mend what the reason names", isStale: false)
        }
        return .success(known)
    }

    /// The gate of a fact that is not known.
    struct Unknown: Error { let gate: Gate }

    /// Returns a server's readings, or the gate that says why they, or a part of them, are unknown.
    func readable(
        _ part: ServerReadings.Part, _ reading: GateReading<ServerReadings>?, _ side: Side,
        _ gate: (name: GateName, title: String), unreadable state: Gate.State = .unknown
    ) -> Result<ServerReadings, Unknown> {
        known(reading, side, gate).flatMap { readings in
            guard let unreadable = readings.unreadable[part] else { return .success(readings) }
            return .failure(
                Unknown(
                    gate: Gate(
                        gate.name, title: gate.title, state,
                        found: "not readable on the \(side.rawValue): \(unreadable.reason)",
                        remedy: unreadable.remedy, readAt: reading?.readAt)))
        }
    }
}
