import Records

/// The gates of both servers: rights, capacity, names, writers.
extension GateJudge {
    var serverGates: [Gate] {
        [
            answers(facts.origin, originSide), answers(facts.destination, destinationSide),
            rights(facts.origin, originSide), rights(facts.destination, destinationSide), writers,
            alwaysTriggers,
        ] + (facts.streamsBack ? [replicaIdentity, streaming, capacity, names] : [])
    }

    private func answers(_ reading: GateReading<ServerReadings>?, _ side: Side) -> Gate {
        let gate = (
            name: side == .source ? GateName.sourceAnswers : .targetAnswers,
            title: "The \(side.rawValue) answers"
        )
        if let reading, reading.isAway, reading.isFresh(at: facts.now) {
            return Gate(
                gate.name, title: gate.title, .red, found: reading.trouble ?? "it does not answer",
                wanted: "a connection", remedy: "see why the server takes no connection",
                readAt: reading.readAt)
        }
        // The stream may have met it after the reading.
        if let health = facts.stream?.servers[side], health.isAway {
            return Gate(
                gate.name, title: gate.title, .red, found: health.reason, wanted: "a connection",
                remedy: "see why the server takes no connection", readAt: facts.now)
        }
        switch known(reading, side, gate) {
        case .failure(let unknown): return unknown.gate
        case .success(let readings):
            return Gate(
                gate.name, title: gate.title, .green, found: readings.release, readAt: reading?.readAt)
        }
    }

    private func rights(_ reading: GateReading<ServerReadings>?, _ side: Side) -> Gate {
        let gate = (
            name: side == .source ? GateName.sourceRights : .targetRights,
            title: "The role on the \(side.rawValue) may do every later step"
        )
        let readings: ServerReadings
        switch readable(.rights, reading, side, gate) {
        case .failure(let unknown): return unknown.gate
        case .success(let known): readings = known
        }
        let wanted = readings.rights.filter { isChosen($0.onlyFor) }
        let missing = wanted.filter { !$0.isGranted }
        let needed = missing.filter { !$0.isOptional }
        return Gate(
            gate.name, title: gate.title, needed.isEmpty ? missing.isEmpty ? .green : .amber : .red,
            found: missing.isEmpty
                ? "\(counted(wanted.count, "right")) granted"
                : missing.map { "\($0.right) is missing (\($0.step))" }.joined(separator: "; "),
            wanted: missing.isEmpty ? "" : missing.map(\.right).joined(separator: ", "),
            remedy: missing.map(\.remedy).joined(separator: "; "), readAt: reading?.readAt,
            details: missing.map { "\($0.step): \($0.right): \($0.remedy)" })
    }

    /// Whether this cutover needs the rights of a choice; nil stands for those that every cutover needs.
    private func isChosen(_ choice: ServerReadings.Choice?) -> Bool {
        switch choice {
        case nil: true
        case .fallBack: facts.streamsBack
        case .databaseFence: facts.options.fence == .database
        case .tableFence: facts.options.fence == .tables
        case .rightsFence: facts.options.fence == .rights
        case .disconnection, .databaseDisconnection, .tableDisconnection:
            facts.options.disconnectSessions
        }
    }

    /// Writers are no reason to refuse: the cutover waits for them, with a bound.
    private var writers: Gate {
        let gate = (name: GateName.writers, title: "No open write transaction on the \(originSide.rawValue)")
        let readings: ServerReadings
        switch readable(.writers, facts.origin, originSide, gate, unreadable: .amber) {
        case .failure(let unknown): return unknown.gate
        case .success(let known): readings = known
        }
        let readAt = facts.origin?.readAt
        return Gate(
            gate.name, title: gate.title, readings.writers.isEmpty ? .green : .amber,
            found: readings.writers.isEmpty
                ? "none"
                : "\(counted(readings.writers.count, "open transaction")): "
                    + OpenWriter.names(readings.writers),
            wanted: "none",
            remedy: readings.writers.isEmpty
                ? "" : "the cutover waits for them; end those that are old, and prepared transactions",
            readAt: readAt, details: readings.writers.map(\.description))
    }

    private var alwaysTriggers: Gate {
        destinationGate(.alwaysTriggers, "No trigger fires for the rows that are applied", .triggers) {
            readings, findings in
            readings.alwaysTriggers.isEmpty ? .green : .amber
        }
    }

    private var replicaIdentity: Gate {
        destinationGate(.replicaIdentity, "Every table can be streamed back", .identities) { readings, _ in
            readings.lacks.isEmpty ? .green : .red
        }
    }

    /// Makes a gate of the findings about the destination's server.
    private func destinationGate(
        _ name: GateName, _ title: String, _ part: ServerReadings.Part,
        state: (ServerReadings, [GateFinding]) -> Gate.State
    ) -> Gate {
        let gate = (name: name, title: title)
        let readings: ServerReadings
        switch readable(part, facts.destination, destinationSide, gate) {
        case .failure(let unknown): return unknown.gate
        case .success(let known): readings = known
        }
        let readAt = facts.destination?.readAt
        let judge = CutoverGates(
            options: facts.options, tables: facts.tables,
            origin: OriginFacts(token: "", shapes: [], sequences: []),
            destination: DestinationFacts(
                shapes: [], sequences: [], values: [], lacks: readings.lacks,
                triggers: readings.alwaysTriggers))
        let findings = part == .identities ? judge.identityFindings : judge.triggerFindings
        return Gate(
            name, title: title, state(readings, findings),
            found: findings.isEmpty ? "none" : findings.map(\.words).listed(max: 3),
            remedy: findings.map(\.remedy).joined(separator: "; "), readAt: readAt,
            details: findings.map(\.sentence))
    }

    private var streaming: Gate {
        let gate = (
            name: GateName.streaming,
            title: "Nothing is known against streaming back from the \(destinationSide.rawValue)"
        )
        let readings: ServerReadings
        switch readable(.capacity, facts.destination, destinationSide, gate) {
        case .failure(let unknown): return unknown.gate
        case .success(let known): readings = known
        }
        let readAt = facts.destination?.readAt
        let hazards = readings.hazards
        return Gate(
            gate.name, title: gate.title,
            hazards.contains(where: \.isFatal) ? .red : hazards.isEmpty ? .green : .amber,
            found: hazards.isEmpty ? "nothing" : hazards.map(\.words).listed(max: 3), wanted: "nothing",
            remedy: hazards.map(\.remedy).joined(separator: "; "), readAt: readAt,
            details: hazards.map { "\($0.words); to mend it: \($0.remedy)" })
    }

    private var capacity: Gate {
        let gate = (
            name: GateName.capacity,
            title: "The \(destinationSide.rawValue) has room for the fall-back's slot"
        )
        let readings: ServerReadings
        switch readable(.capacity, facts.destination, destinationSide, gate) {
        case .failure(let unknown): return unknown.gate
        case .success(let known): readings = known
        }
        let readAt = facts.destination?.readAt
        var found: [String] = []
        var remedies: [String] = []
        if let slots = readings.freeSlots, slots < 1 {
            found.append("no replication slot is free")
            remedies.append("raise max_replication_slots, then restart the server")
        }
        if let senders = readings.freeSenders, senders < 1 {
            found.append("no WAL sender is free")
            remedies.append("raise max_wal_senders, then restart the server")
        }
        if readings.isLogical == false {
            found.append("wal_level is not logical")
            remedies.append("alter system set wal_level = logical; then restart the server")
        }
        let free = [
            readings.freeSlots.map { counted($0, "free slot") },
            readings.freeSenders.map { counted($0, "free sender") },
        ].compactMap(\.self).joined(separator: ", ")
        return Gate(
            gate.name, title: gate.title, found.isEmpty ? .green : .red,
            found: found.isEmpty ? free : found.joined(separator: "; "), wanted: "one of each",
            remedy: remedies.joined(separator: "; "), readAt: readAt)
    }

    private var names: Gate {
        let gate = (
            name: GateName.names,
            title: "No slot or publication of our names is in the way on the \(destinationSide.rawValue)"
        )
        let readings: ServerReadings
        switch readable(.names, facts.destination, destinationSide, gate) {
        case .failure(let unknown): return unknown.gate
        case .success(let known): readings = known
        }
        let readAt = facts.destination?.readAt
        return Gate(
            gate.name, title: gate.title, readings.foreign.isEmpty ? .green : .red,
            found: readings.foreign.isEmpty ? "none" : readings.foreign.map(\.words).listed(max: 3),
            wanted: "none", remedy: readings.foreign.map(\.remedy).joined(separator: "; "), readAt: readAt)
    }
}
