/// What becomes of segments that were applied.
package enum ArchivePolicy: Sendable, Equatable {
    /// Each is copied to the directory and then deleted.
    case archive(directory: String)
    /// Each is deleted while the file system of the export directory is fuller than this.
    case delete(aboveUtilizationPercent: Int)
}

/// Decides which segments may go. A value in, a list out; it touches no file.
package struct ArchivePlan: Sendable, Equatable {
    package enum Step: Sendable, Equatable {
        case copyThenDelete(ArchivableSegment)
        case delete(ArchivableSegment)
    }

    /// How many of the newest applied segments stay while changes still run: what a role that has just ended a
    /// segment may still hold open, and what an operator looks into after a surprise.
    package static let keptWhileRunning = 3

    package let steps: [Step]

    /// - Parameters:
    ///   - workflowRuns: whether changes may still come; afterwards nothing is kept back.
    ///   - utilizationPercent: how full the file system is.
    package init(
        segments: [ArchivableSegment], policy: ArchivePolicy, workflowRuns: Bool, utilizationPercent: Int
    ) {
        let ordered = segments.sorted { $0.number < $1.number }
        // An archived segment that is still there was left by a sweep that was cut off; it only has to be deleted.
        let leftovers = ordered.filter { $0.isArchived && !$0.isDeleted }
        let applied = ordered.filter { $0.isApplied && !$0.isArchived && !$0.isDeleted }
        let mayGo = workflowRuns ? applied.dropLast(Self.keptWhileRunning) : applied[...]
        switch policy {
        case .archive:
            steps = leftovers.map { .delete($0) } + mayGo.map { .copyThenDelete($0) }
        case .delete(let percent):
            let isFull = utilizationPercent > percent
            steps = leftovers.map { .delete($0) } + (isFull ? mayGo.map { .delete($0) } : [])
        }
    }
}
