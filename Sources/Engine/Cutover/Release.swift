import Records

extension MigrationRecord {
    /// The point of no return, to be one transaction of the journal: the phase, the route and the next leg change together.
    /// Where the origin was proved quiet too long ago that is done again first.
    ///
    /// - Parameter leg: the one that ends.
    /// - Returns: whether the application is released.
    /// - Throws: `CancelledStep` where the open cutover is being taken back.
    mutating func release(_ leg: Leg, at now: Double) throws -> Bool {
        guard let index = cutovers.indices.last, cutovers[index].isOpen, !cutovers[index].isAborting else {
            throw CancelledStep()
        }
        guard cutovers[index].isQuietProved(at: now) else {
            cutovers[index].proveAgain()
            return false
        }
        cutovers[index].set(.release, .done, detail: "application released", now: now)
        cutovers[index].releasedAt = now
        phase = MigrationMachine.phase(after: cutovers[index].options)
        if let current = legs.firstIndex(where: { $0.number == leg.number }) { legs[current].endedAt = now }
        if phase == .fallBack {
            var next = Leg(number: leg.number + 1, direction: .reverse, uuid: uuid)
            next.consistentPoint = cutovers[index].originRows["wayBack"].map {
                LSN(bytes: UInt64(bitPattern: $0))
            }
            next.barriersAreRows = cutovers[index].fallBackHasBarrierRows
            fallBackEnabled = true
            legs.append(next)
        }
        return true
    }
}
