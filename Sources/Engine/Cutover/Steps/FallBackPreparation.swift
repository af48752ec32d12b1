import Records

/// The preparation of the fall-back before the release: publication and slot on the destination, which is the
/// origin of the next leg.
struct FallBackPreparation {
    let context: RoleContext
    let side: Side
    let leg: Leg
    let open: OpenCutover

    /// Greatest age of an unread slot on YugabyteDB at the release. The server keeps what an unread slot
    /// needs for four hours by default (cdcsdk_tablet_not_of_interest_timeout_secs), and does not report that
    /// a slot is lost.
    private static let slotAgeSecondsMax = 2.0 * 3600

    /// Creates publication and slot on the destination. No application writes there yet, so that every later
    /// write is streamed back. Returns nil while the slot waits for transactions of the destination to end.
    func createSlot(startedAt: Double) throws -> String? {
        let next = try nextLeg()
        let migrated = try ComparedTables.all(context).map(\.name)
        let attempt = try context.origin(of: next).prepare(migrated) { found in
            guard found.lacks.isEmpty else { throw RequestRefused(found.lacks, on: side) }
            try ComparedTables.refuseUnstreamedParts(context, side, found.tables)
        }
        switch attempt {
        case .waitsForLock(let error):
            try open.noteLock(
                .fallBackSlot, error, startedAt: startedAt, secondsMax: context.options.limits.quiesceSeconds)
            return nil
        case .waitsForWriters(let writers):
            try noteWriters(writers, startedAt: startedAt)
            return nil
        case .done(let consistentPoint, let barriersAreRows):
            try open.change {
                $0.fallBackConsistentPoint = consistentPoint
                $0.fallBackHasBarrierRows = barriersAreRows
            }
            return "slot \(next.slotName) at \(consistentPoint)"
        }
    }

    /// Notes whom the slot waits for; throws after `quiesceSeconds`.
    private func noteWriters(_ writers: [OpenWriter], startedAt: Double) throws {
        let names = writers.isEmpty ? "of another database" : OpenWriter.names(writers)
        guard secondsNow() - startedAt < context.options.limits.quiesceSeconds else {
            throw RequestRefused(
                "the fall-back's slot waits for write transactions on the \(side.rawValue) to end: \(names); "
                    + "end them and initiate the cutover again")
        }
        try open.note(.fallBackSlot, "waiting for write transactions: \(names)")
    }

    /// Throws if the slot was lost after its creation, for example while the cutover awaited approval. The
    /// application's writes after the release could then not be streamed back.
    func checkSlot() throws {
        let next = try nextLeg()
        let place = try context.database(side).place
        let slot = try context.origin(of: next).slotState(as: "cutover")
        let loss = lostSlotRefusal(
            slot, name: next.slotName, at: place,
            lost: "the changes that the application would write there")
        if loss == nil, slot?.ageSeconds ?? 0 > Self.slotAgeSecondsMax {
            throw RequestRefused(
                "the fall-back's slot, \(next.slotName) at \(place), was unread for so long that "
                    + "YugabyteDB may have discarded what it needs; initiate the cutover again")
        }
        guard loss != nil else { return }
        throw RequestRefused(
            "the fall-back's slot, \(next.slotName) at \(place), was lost while the cutover was "
                + "under way; initiate it again")
    }

    func undo() throws { try context.origin(of: try nextLeg()).undoPreparation() }

    private func nextLeg() throws -> Leg {
        Leg(
            number: leg.number + 1, direction: leg.direction.opposite, start: .position,
            uuid: try context.record().uuid)
    }
}
