import Records

/// The gates that compare the catalogs of both databases.
extension GateJudge {
    /// The objects that each of these gates compares.
    private static let compared: [(name: GateName, kinds: Set<CatalogObject.Kind>, title: String)] = [
        (.indexes, [.index], "The indexes are equal"),
        (.constraints, [.constraint, .notNull], "The constraints are equal"),
        (.triggers, [.trigger, .rule], "The triggers and rules are equal"),
        (.views, [.view], "The views are equal"),
        (.defaults, [.defaultValue], "The column defaults are equal"),
    ]

    var catalogGates: [Gate] {
        let titles =
            [
                (name: GateName.tables, title: "The tables and their columns fit"),
                (.sequences, "The sequences fit"),
            ] + Self.compared.map { ($0.name, $0.title) }
        let (here, there): (CatalogReadings, CatalogReadings)
        switch (
            known(facts.originCatalog, originSide, titles[0]),
            known(facts.destinationCatalog, destinationSide, titles[0])
        ) {
        case (.success(let origin), .success(let destination)): (here, there) = (origin, destination)
        case (.failure(let unknown), _), (_, .failure(let unknown)):
            return titles.map { name, title in
                var gate = unknown.gate
                (gate.name, gate.title) = (name, title)
                return gate
            }
        }
        return [tables(here, there), sequences(here, there)] + objects(here, there)
    }

    private var catalogsReadAt: Double? {
        [facts.originCatalog?.readAt, facts.destinationCatalog?.readAt].compactMap(\.self).min()
    }

    private func judge(_ here: CatalogReadings, _ there: CatalogReadings) -> CutoverGates {
        let carried = Set(
            SequenceChoice(here.sequences, tablesAreNamed: facts.tablesAreNamed).carried.map(\.name))
        return CutoverGates(
            options: facts.options, tables: facts.tables,
            origin: OriginFacts(
                token: "", shapes: here.shapes, sequences: here.values.filter { carried.contains($0.name) }),
            destination: DestinationFacts(
                shapes: there.shapes, sequences: there.sequences, values: there.values, lacks: [],
                triggers: []))
    }

    private func tables(_ here: CatalogReadings, _ there: CatalogReadings) -> Gate {
        let title = "The tables and their columns fit"
        guard !facts.tables.isEmpty else {
            return Gate(.tables, title: title, .unknown, found: "no table is known", readAt: catalogsReadAt)
        }
        return gate(
            .tables, title, judge(here, there).columnFindings,
            ok: "\(counted(facts.tables.count, "table")) fit")
    }

    private func sequences(_ here: CatalogReadings, _ there: CatalogReadings) -> Gate {
        gate(
            .sequences, "The sequences fit", judge(here, there).sequenceFindings,
            ok: "\(counted(here.values.count, "sequence")) fit")
    }

    private func gate(_ name: GateName, _ title: String, _ findings: [GateFinding], ok: String) -> Gate {
        Gate(
            name, title: title,
            findings.contains { $0.severity == .stop } ? .red : findings.isEmpty ? .green : .amber,
            found: findings.isEmpty ? ok : findings.map(\.words).listed(max: 3),
            remedy: findings.map(\.remedy).joined(separator: "; "), readAt: catalogsReadAt,
            details: findings.map(\.sentence))
    }

    // MARK: Objects

    /// The differences of both catalogs, with those that the operator has accepted.
    package static func differences(_ facts: GateFacts) -> [CatalogComparison.Difference] {
        guard let here = facts.originCatalog?.facts, let there = facts.destinationCatalog?.facts else {
            return []
        }
        return CatalogComparison(
            origin: here.objects.filter { !facts.excluded.contains($0.table) },
            destination: there.objects.filter { !facts.excluded.contains($0.table) }
        ).differences
    }

    private func objects(_ here: CatalogReadings, _ there: CatalogReadings) -> [Gate] {
        let all = Self.differences(facts)
        return Self.compared.map { name, kinds, title in
            let found = all.filter { kinds.contains($0.object.kind) }
            let open = found.filter { difference in
                !facts.accepted.contains { $0.covers(difference, direction) }
            }
            let weights = open.map { isRed($0, here, there) }
            let compared = here.objects.count { kinds.contains($0.kind) }
            let accepted = found.count - open.count
            let more = accepted == 0 ? "" : "; \(accepted) accepted by the operator"
            let state: Gate.State = open.isEmpty ? .green : weights.contains(true) ? .red : .amber
            return Gate(
                name, title: title, state,
                found: (open.isEmpty
                    ? "\(compared) compared" : open.map { $0.words(direction) }.listed(max: 3)) + more,
                wanted: "as on the \(originSide.rawValue)",
                remedy: open.isEmpty ? "" : remedy(open), readAt: catalogsReadAt,
                details: open.map { $0.words(direction) + ($0.remedy.isEmpty ? "" : ": \($0.remedy)") })
        }
    }

    /// Whether a difference refuses a cutover. Servers of other releases may print equal views in other
    /// words, so there a view that is on both sides may be equal.
    private func isRed(
        _ difference: CatalogComparison.Difference, _ here: CatalogReadings, _ there: CatalogReadings
    ) -> Bool {
        if difference.maySayTheSame, here.release != there.release { return false }
        // The manual page lets the operator disable the source's triggers for the fall-back, and enable them
        // after the cutover to the source.
        if case .different(let origin, let destination) = difference, direction == .reverse,
            destination.isDisabled, !origin.isDisabled,
            origin.plainDefinition == destination.plainDefinition
        {
            return false
        }
        return !difference.isHarmless
    }

    private func remedy(_ differences: [CatalogComparison.Difference]) -> String {
        let statements = differences.map(\.remedy).filter { !$0.isEmpty }
        return "on the \(destinationSide.rawValue): "
            + (statements.isEmpty
                ? "make them equal" : statements.prefix(3).joined(separator: "; "))
            + (statements.count > 3 ? "; and so on" : "")
            + "; or accept a difference with `switchback accept difference`"
    }
}
