/// The policy for applied segments.
package enum ArchivePolicy: Sendable, Equatable {
    /// Copy each one to the directory, then delete it.
    case archive(directory: String)
    /// Delete them while the file system of the export directory is fuller than this.
    case delete(aboveUtilizationPercent: Int)
}

/// The steps that a policy asks for. A value without I/O.
package struct ArchivePlan: Sendable, Equatable {
    /// An action on one segment.
    package enum Step: Sendable, Equatable {
        case copyThenDelete(ArchivableSegment)
        case delete(ArchivableSegment)
    }

    /// Number of the newest applied segments that stay while changes may come. A role may still have them
    /// open, and an operator may want to read them.
    package static let keptWhileRunning = 3

    package let steps: [Step]

    /// - Parameters:
    ///   - workflowRuns: whether changes may still come; afterwards all applied segments may be removed
    ///   - utilizationPercent: used share of the file system
    package init(
        segments: [ArchivableSegment], policy: ArchivePolicy, workflowRuns: Bool, utilizationPercent: Int
    ) {
        let ordered = segments.sorted { $0.number < $1.number }
        // An archived segment that still exists comes from an interrupted sweep; it only has to be deleted.
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
