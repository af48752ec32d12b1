import Records

/// The judge of whether the destination can take the application over: facts go in, findings come out. It
/// judges before anything is fenced, because a fault that shows after the release cannot be undone.
struct CutoverGates {
    let options: CutoverOptions
    /// The migrated tables, without the excluded ones.
    let tables: [QualifiedName]
    let origin: OriginFacts
    let destination: DestinationFacts

    private var originSide: Side { options.ends.origin }
    private var destinationSide: Side { options.ends.destination }
    private var streamsBack: Bool { options.to == .target && options.prepareForFallBack }

    var findings: [GateFinding] {
        columnFindings + sequenceFindings + identityFindings + triggerFindings
    }

    // MARK: Columns

    var columnFindings: [GateFinding] {
        let there = shapes(destination.shapes)
        let here = shapes(origin.shapes)
        return tables.sorted().flatMap { name -> [GateFinding] in
            guard let shape = there[name] else {
                return [
                    stop(
                        name, on: destinationSide, "is not there",
                        "create it on the \(destinationSide.rawValue) with the rows it should have")
                ]
            }
            guard let own = here[name] else {
                return [
                    GateFinding(
                        severity: streamsBack ? .stop : .warning,
                        subject: subject(name, on: originSide), cause: "is not there any more",
                        remedy: "create it there again, or drop it on the \(destinationSide.rawValue), too")
                ]
            }
            return lacking(own, of: shape) + added(shape, to: own) + computed(own, shape)
        }
    }

    /// Columns of the origin that the destination lacks; their values would be lost.
    private func lacking(_ own: TableShape, of shape: TableShape) -> [GateFinding] {
        own.columns.filter { !$0.isGenerated && shape.column($0.name) == nil }.map { column in
            stop(
                own.name, on: destinationSide,
                "lacks column \(column.name), which the \(originSide.rawValue) has",
                "alter table \(own.name.quoted) add column \(quoteIdentifier(column.name)) "
                    + "\(column.typeText), with the values it has on the \(originSide.rawValue)")
        }
    }

    /// Columns that only the destination has; the application's writes to them could not be streamed back.
    private func added(_ shape: TableShape, to own: TableShape) -> [GateFinding] {
        guard streamsBack else { return [] }
        return shape.columns.filter { !$0.isGenerated && own.column($0.name) == nil }.map {
            stop(
                own.name, on: destinationSide,
                "has column \($0.name), which the \(originSide.rawValue) lacks: its changes could not be "
                    + "streamed back",
                "on the \(originSide.rawValue): alter table \(own.name.quoted) add column "
                    + "\(quoteIdentifier($0.name)) \($0.typeText)"
            )
        }
    }

    /// Columns that are generated on the origin, which therefore does not send them, and ordinary on the
    /// destination.
    private func computed(_ own: TableShape, _ shape: TableShape) -> [GateFinding] {
        own.columns.filter { $0.isGenerated && shape.column($0.name)?.isGenerated == false }.map {
            GateFinding(
                severity: streamsBack ? .stop : .warning, subject: subject(own.name, on: destinationSide),
                cause:
                    "does not generate column \($0.name); the \(originSide.rawValue) does, and therefore "
                    + "sends no values for it and takes none",
                remedy:
                    "give it the expression that it has on the \(originSide.rawValue): drop the column and "
                    + "add it anew as generated"
            )
        }
    }

    private func shapes(_ shapes: [TableShape]) -> [QualifiedName: TableShape] {
        Dictionary(shapes.map { ($0.name, $0) }) { first, _ in first }
    }

    // MARK: Sequences

    var sequenceFindings: [GateFinding] {
        let matching = SequenceMatching(
            origin: origin.sequences.compactMap(\.definition), destination: destination.sequences)
        let present = Dictionary(destination.values.map { ($0.name, $0) }) { first, _ in first }
        let wanted = Dictionary(grouping: origin.sequences, by: \.name)
        let judged = matching.pairs.compactMap { pair in
            present[pair.destination.name].flatMap {
                finding(pair, pair.origins.flatMap { wanted[$0] ?? [] }, $0)
            }
        }
        return matching.unmatched.map(finding) + judged
            + matching.onlyThere.map(finding)
    }

    private func finding(_ lack: SequenceMatching.Unmatched) -> GateFinding {
        guard lack.generates, let column = lack.column else {
            return GateFinding(
                severity: .stop, subject: subject(lack.sequence, on: destinationSide),
                cause: "is not there: if the application calls it by name, the call fails",
                remedy: "create sequence \(lack.sequence.quoted)")
        }
        let (table, name) = (column.table.quoted, quoteIdentifier(column.name))
        return stop(
            column.table, on: destinationSide,
            "has no sequence that gives column \(column.name) its values, as \(lack.sequence) does on the "
                + "\(originSide.rawValue)",
            "create sequence \(lack.sequence.quoted) owned by \(table).\(name); alter table \(table) alter "
                + "column \(name) set default nextval(\(quoteLiteral(lack.sequence.quoted)))")
    }

    private func finding(
        _ pair: SequenceMatching.Pair, _ origins: [SequenceValue], _ present: SequenceValue
    ) -> GateFinding? {
        switch SequenceSetting(origins, at: present) {
        case .refused(let cause, let remedy):
            return stop(present.name, on: destinationSide, "cannot follow: \(cause)", remedy)
        case .set, .keep: break
        }
        let own = pair.destination
        let narrower = origins.first { value in
            guard let other = value.definition, !own.cycles, !other.cycles else { return false }
            return own.isDescending ? own.minimum > other.minimum : own.maximum < other.maximum
        }
        return narrower.map { wider in
            GateFinding(
                severity: .warning, subject: subject(own.name, on: destinationSide),
                cause:
                    "ends at \(own.isDescending ? own.minimum : own.maximum), sooner than \(wider.name) on "
                    + "the \(originSide.rawValue)",
                remedy:
                    "alter sequence \(own.name.quoted) as bigint, and its column's type, if its values may "
                    + "exceed that end"
            )
        }
    }

    private func finding(_ sequence: SequenceDefinition) -> GateFinding {
        let columns = sequence.generates.map(\.description).joined(separator: ", ")
        return GateFinding(
            severity: .warning, subject: subject(sequence.name, on: destinationSide),
            cause:
                "gives \(columns) its values, and no sequence does on the \(originSide.rawValue): it is not "
                + "set, and may give values that rows already have",
            remedy: "select setval(\(quoteLiteral(sequence.name.quoted)), …) beyond them")
    }

    // MARK: Replica identity and triggers

    var identityFindings: [GateFinding] {
        guard streamsBack else { return [] }
        return destination.lacks.map {
            stop($0.name, on: destinationSide, "has a replica identity of \($0.found)", $0.remedy)
        }
    }

    var triggerFindings: [GateFinding] {
        destination.triggers.map { trigger in
            let cause =
                switch trigger.kind {
                case .trigger, .rule:
                    "is ENABLE ALWAYS or REPLICA: it fires for the rows that Switchback applies, and what it "
                        + "writes is not on the \(originSide.rawValue)"
                case .eventTrigger:
                    "is ENABLE ALWAYS or REPLICA, and the role may not turn it off: it fires for "
                        + "Switchback's own DDL, and a row that it writes to a migrated table would not be "
                        + "on the \(originSide.rawValue)"
                }
            return GateFinding(
                severity: .warning, subject: "\(trigger.words) on the \(destinationSide.rawValue)",
                cause: cause,
                remedy: trigger.remedy)
        }
    }

    private func subject(_ name: QualifiedName, on side: Side) -> String { "\(name) on the \(side.rawValue)" }

    private func stop(_ name: QualifiedName, on side: Side, _ cause: String, _ remedy: String) -> GateFinding
    {
        GateFinding(severity: .stop, subject: subject(name, on: side), cause: cause, remedy: remedy)
    }
}
