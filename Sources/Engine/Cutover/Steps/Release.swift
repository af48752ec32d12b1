import Records

extension MigrationRecord {
    /// Releases the application: phase, route and next leg change together, in one transaction of the
    /// journal. If the origin was proved quiet too long ago, that proof is demanded again instead.
    ///
    /// - Returns: whether the application is released.
    /// - Throws: `CancelledStep` if the open cutover is being aborted.
    mutating func release(at now: Double) throws -> Bool {
        guard let index = cutovers.indices.last, cutovers[index].isOpen, !cutovers[index].isAborting else {
            throw CancelledStep()
        }
        guard cutovers[index].isQuietProved(at: now) else {
            cutovers[index].proveAgain()
            return false
        }
        let options = cutovers[index].options
        try take(.released(to: options.to, continues: options.continues), at: now)
        cutovers[index].set(.release, .done, detail: "application released", now: now)
        cutovers[index].releasedAt = now
        return true
    }
}
