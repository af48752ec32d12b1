import Records

/// The judge of whether the destination can take the application over: facts go in, findings come out. It
/// judges before anything is fenced, because a fault that shows after the release cannot be undone.
struct CutoverGates {
    let options: CutoverOptions
    /// The migrated tables, without the excluded ones.
    let tables: [QualifiedName]
    let origin: OriginFacts
    let destination: DestinationFacts

    var originSide: Side { options.ends.origin }
    var destinationSide: Side { options.ends.destination }
    var streamsBack: Bool { options.continues }

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

    func subject(_ name: QualifiedName, on side: Side) -> String { "\(name) on the \(side.rawValue)" }

    func stop(_ name: QualifiedName, on side: Side, _ cause: String, _ remedy: String) -> GateFinding {
        GateFinding(severity: .stop, subject: subject(name, on: side), cause: cause, remedy: remedy)
    }
}
