import Records

/// An event on which the phase of a migration depends.
package enum MigrationEvent: Sendable, Hashable {
    case schemaExported
    /// The live migration was started.
    case started
    /// An unfinished snapshot was discarded (`--start-clean`).
    case snapshotDiscarded
    /// Every table is copied.
    case snapshotCompleted
    case cutoverInitiated(to: Side)
    case released(to: Side, continues: Bool)
    /// All steps of a cutover are undone.
    case aborted(to: Side)
    /// Everything of ours is removed from both databases.
    case ended
}

extension MigrationEvent: CustomStringConvertible {
    package var description: String {
        switch self {
        case .schemaExported: "the schema is exported"
        case .started: "the live migration starts"
        case .snapshotDiscarded: "the snapshot is discarded"
        case .snapshotCompleted: "the snapshot is complete"
        case .cutoverInitiated(let side): "a cutover to \(side.rawValue) is initiated"
        case .released(let side, _): "the application is released to \(side.rawValue)"
        case .aborted(let side): "the cutover to \(side.rawValue) is aborted"
        case .ended: "the migration ends"
        }
    }
}

/// A change of the record that comes with a new phase.
package enum MigrationAction: Sendable, Hashable {
    case noteStart
    case noteSnapshotEnd
    case beginLeg(direction: Direction, start: LegStart)
    case endLeg
    case discardLegs
}

/// An event that cannot come in the phase of the record: the journal contradicts itself.
package struct ImpossibleEvent: Error, Equatable, CustomStringConvertible {
    package let event: MigrationEvent
    package let phase: Phase

    package var description: String {
        "the journal has phase '\(phase.rawValue)', in which this cannot happen: \(event); nothing was "
            + "changed. Keep a copy of the export directory, and report this"
    }
}

extension MigrationMachine {
    /// Effect of an event in a phase.
    package enum Answer: Sendable, Equatable {
        case move(to: Phase, [MigrationAction])
        /// The event changes nothing: it came before, or too late to matter.
        case stay
        case impossible
    }

    /// Returns the new phase and the actions for an event.
    package static func answer(to event: MigrationEvent, in phase: Phase) -> Answer {
        switch event {
        case .schemaExported:
            switch phase {
            case .prepare: .move(to: .schema, [])
            case .schema, .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete,
                .ended:
                .stay
            }
        case .started:
            switch phase {
            case .prepare, .schema:
                .move(to: .snapshot, [.noteStart, .beginLeg(direction: .forward, start: .snapshot)])
            case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended:
                .stay
            }
        case .snapshotDiscarded:
            switch phase {
            // The import may complete the snapshot while what it left on the source is undone.
            case .prepare, .schema, .snapshot, .streaming: .move(to: .schema, [.discardLegs])
            case .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended: .impossible
            }
        case .snapshotCompleted:
            switch phase {
            case .snapshot: .move(to: .streaming, [.noteSnapshotEnd])
            case .prepare, .schema, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete,
                .ended:
                .stay
            }
        case .cutoverInitiated(let side): answer(toCutover: side, in: phase)
        case .released(let side, let continues):
            answer(toRelease: side, continues: continues, in: phase)
        case .aborted(let side): answer(toAbort: side, in: phase)
        case .ended:
            switch phase {
            case .prepare, .schema, .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource,
                .complete:
                .move(to: .ended, [])
            case .ended: .stay
            }
        }
    }

    private static func answer(toCutover side: Side, in phase: Phase) -> Answer {
        switch (phase, side) {
        case (.streaming, .target): .move(to: .cutoverToTarget, [])
        case (.fallBack, .source): .move(to: .cutoverToSource, [])
        case (.streaming, .source), (.fallBack, .target), (.prepare, _), (.schema, _), (.snapshot, _),
            (.cutoverToTarget, _), (.cutoverToSource, _), (.complete, _), (.ended, _):
            .impossible
        }
    }

    private static func answer(toRelease side: Side, continues: Bool, in phase: Phase) -> Answer {
        switch (phase, side) {
        case (.cutoverToTarget, .target):
            continues
                ? .move(
                    to: .fallBack,
                    // The leg that ends streams to this side.
                    [.endLeg, .beginLeg(direction: Direction(to: side).opposite, start: .position)])
                : .move(to: .complete, [.endLeg])
        case (.cutoverToSource, .source):
            // The next round begins where this one has ended.
            continues
                ? .move(
                    to: .streaming,
                    [.endLeg, .beginLeg(direction: Direction(to: side).opposite, start: .position)])
                : .move(to: .complete, [.endLeg])
        case (.cutoverToTarget, .source), (.cutoverToSource, .target), (.prepare, _), (.schema, _),
            (.snapshot, _), (.streaming, _), (.fallBack, _), (.complete, _), (.ended, _):
            .impossible
        }
    }

    private static func answer(toAbort side: Side, in phase: Phase) -> Answer {
        switch (phase, side) {
        case (.cutoverToTarget, .target): .move(to: .streaming, [])
        case (.cutoverToSource, .source): .move(to: .fallBack, [])
        case (.cutoverToTarget, .source), (.cutoverToSource, .target), (.prepare, _), (.schema, _),
            (.snapshot, _), (.streaming, _), (.fallBack, _), (.complete, _), (.ended, _):
            .impossible
        }
    }
}
