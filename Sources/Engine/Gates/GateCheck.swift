import Records

/// The gates of a cutover: capture reads the facts of the origin, apply reads those of the destination and
/// judges both.
struct GateCheck {
    let context: RoleContext
    let side: Side
    let open: OpenCutover

    /// Reads the facts of the origin and writes them to the journal. If a lock of another session delays them
    /// for too long, the step is performed again, and an abort is noticed.
    func readOrigin(_ cutover: Cutover, _ origin: any ReleasedOrigin) throws -> String {
        let choice = try SequenceTransfer.choice(context)
        let found = try origin.facts(
            ofTables: try ComparedTables.all(context).map(\.name), reading: { choice($0).carried },
            // This is checked again after the fence.
            judge: { try ComparedTables.refuseUnstreamedParts(context, side, $0) })
        let facts = OriginFacts(
            token: cutover.token, shapes: found.shapes, sequences: found.sequences.values)
        try open.checkAbort()
        try context.journal.update(OriginFacts.self, key: OriginFacts.key, initial: facts) { $0 = facts }
        return "\(counted(facts.shapes.count, "table")), \(counted(facts.sequences.count, "sequence"))"
    }

    /// Judges the facts. Throws all findings that stop the cutover, in one error.
    func judge(_ cutover: Cutover, _ destination: any ReleasedDestination) throws -> String {
        guard let origin = try context.journal.document(OriginFacts.self, key: OriginFacts.key),
            origin.token == cutover.token
        else {
            throw RequestRefused("the facts of the origin are not those of this cutover; initiate it again")
        }
        let tables = try ComparedTables.all(context).map(\.name)
        let options = cutover.options
        let facts = try destination.facts(
            ofTables: tables, streamsBack: options.to == .target && options.prepareForFallBack
        ) { sequences in
            SequenceMatching(origin: origin.sequences.compactMap(\.definition), destination: sequences)
                .pairs.map(\.destination)
        }
        let findings = CutoverGates(options: options, tables: tables, origin: origin, destination: facts)
            .findings
        let warnings = findings.filter { $0.severity == .warning }
        for warning in warnings { context.log(.warning, "cutover", warning.sentence) }
        let stops = findings.filter { $0.severity == .stop }
        guard stops.isEmpty else {
            throw RequestRefused(
                stops.map(\.sentence).joined(separator: "\n") + "\nMend it, then initiate the cutover again")
        }
        return "\(counted(tables.count, "table")) fit"
            + (warnings.isEmpty ? "" : "; \(counted(warnings.count, "warning")), see the event log")
    }
}
