import Records

/// The gates of a cutover as its own first steps judge them, before anything is changed: capture reads the
/// facts of the origin, apply reads those of the destination and judges both. The facts may have changed
/// since the cutover was initiated.
struct GateCheck {
    let context: RoleContext
    let side: Side
    let leg: Leg
    let open: OpenCutover

    /// Age from which the facts of the origin are too old to be judged.
    private static let factsSecondsMax = 30.0

    /// Reads the facts of the origin and writes them to the journal. If a lock of another session delays them
    /// for too long, the step is performed again, and an abort is noticed.
    func readOrigin(_ cutover: Cutover, _ origin: any ReleasedOrigin) throws -> String {
        try CutoverPlanCheck(context: context, leg: leg).judge(cutover, side)
        let choice = try SequenceTransfer.choice(context)
        // This is checked again after the fence.
        try ComparedTables.refuseUnstreamedParts(context, side, try context.side(side).tables())
        let session = origin.gates(as: "cutover")
        let catalog = try session.catalog(ofTables: try ComparedTables.all(context).map(\.name)) {
            choice($0).carried
        }
        var facts = OriginFacts(token: cutover.token, shapes: catalog.shapes, sequences: catalog.values)
        facts.server = try session.server(try GateReader.question(context, leg, .origin))
        facts.catalog = catalog
        try open.checkAbort()
        try context.journal.update(OriginFacts.self, key: OriginFacts.key, initial: facts) { $0 = facts }
        return "\(counted(facts.shapes.count, "table")), \(counted(facts.sequences.count, "sequence")), "
            + counted(catalog.objects.count, "other object")
    }

    /// Judges the facts. Throws all gates that refuse the cutover, in one error. Returns nil if the facts of
    /// the origin are too old, as after an import that did not run: then the export reads them again.
    func judge(_ cutover: Cutover, _ destination: any ReleasedDestination) throws -> String? {
        guard let readAt = cutover.factsReadAt,
            !hasPassed(Self.factsSecondsMax, since: readAt, at: secondsNow())
        else {
            try open.change { cutover, transaction in
                cutover.readFactsAgain()
                try transaction.log(
                    .info, "cutover",
                    "the facts of the \(leg.direction.origin.rawValue) are too old; they are "
                        + "read again")
            }
            return nil
        }
        guard let origin = try context.journal.document(OriginFacts.self, key: OriginFacts.key),
            origin.token == cutover.token, let originCatalog = origin.catalog,
            let originServer = origin.server
        else {
            throw RequestRefused("the facts of the origin are not those of this cutover; initiate it again")
        }
        try CutoverPlanCheck(context: context, leg: leg).judge(cutover, side)
        let session = destination.gates(as: "cutover")
        let carried = origin.sequences.compactMap(\.definition)
        let catalog = try session.catalog(ofTables: try ComparedTables.all(context).map(\.name)) {
            SequenceMatching(origin: carried, destination: $0).pairs.map(\.destination)
        }
        let now = secondsNow()
        func reading<Facts>(_ facts: Facts, at readAt: Double) -> GateReading<Facts> {
            GateReading(
                leg: leg.number, facts: facts, readAt: readAt, goodForSeconds: .greatestFiniteMagnitude)
        }
        var facts = try GateFacts(context.record(), context.journal.tables(), cutover.options, now: now)
        facts.take(try RowProof.read(leg: leg, context.journal))
        facts.originCatalog = reading(originCatalog, at: readAt)
        facts.destinationCatalog = reading(catalog, at: now)
        facts.origin = reading(originServer, at: readAt)
        facts.destination = reading(
            try session.server(try GateReader.question(context, leg, .destination)), at: now)
        let gates = GateJudge(facts).stepGates
        let bad = gates.filter { $0.state != .green }
        for gate in bad {
            let waiver = gate.waiver.map { " (waived: \($0.words))" } ?? ""
            for line in gate.details.isEmpty ? [gate.sentence] : gate.details {
                context.log(.warning, "cutover", "gate \(gate.name.rawValue)\(waiver): \(line)")
            }
        }
        let refusing = gates.filter(\.refuses)
        guard refusing.isEmpty else { throw RequestRefused(GateRefusal.text(refusing)) }
        return "\(counted(facts.tables.count, "table")) fit"
            + (bad.isEmpty ? "" : "; \(counted(bad.count, "gate")) not green, see the event log")
    }
}

/// The text that refuses a cutover because of its gates.
package enum GateRefusal {
    package static func text(_ gates: [Gate]) -> String {
        gates.map { gate in
            gate.details.isEmpty
                ? gate.sentence
                : "\(gate.name.rawValue) (\(gate.state.rawValue)): " + gate.details.joined(separator: "\n  ")
        }.joined(separator: "\n")
            + "\nMend it, then initiate the cutover again; or waive a gate with --waive NAME=REASON"
    }
}
