import Foundation

/// Carries out the archive plan, sweep after sweep, until the workflow has ended.
package struct SegmentArchiver: Sendable {
    package static let pollSeconds = 5.0

    private let list: any SegmentList
    private let exportDirectory: String
    private let policy: ArchivePolicy

    package init(segments list: any SegmentList, exportDirectory: String, policy: ArchivePolicy) {
        self.list = list
        self.exportDirectory = exportDirectory
        self.policy = policy
    }

    /// Sweeps every few seconds; returns after the sweep that follows the end of the workflow, throws
    /// `StopRequested` when stopped.
    package func run(
        control: any MigrationControl, stop: StopSignal, announce: @escaping @Sendable (String) -> Void
    ) async throws {
        while true {
            try stop.check()
            let hasEnded = Self.hasEnded(try control.status())
            for line in try sweep(workflowRuns: !hasEnded) { announce(line) }
            if hasEnded { return }
            let deadline = ContinuousClock.now + .seconds(Self.pollSeconds)
            while ContinuousClock.now < deadline {
                try stop.check()
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Whether no file is written or read any more. After the last release the capture still looks for what was written late, and
    /// says where it is.
    package static func hasEnded(_ status: MigrationStatus) -> Bool {
        status.phase == .ended || status.phase == .complete && status.areLegsRetired
    }

    /// One sweep; returns a sentence for each segment that went.
    package func sweep(workflowRuns: Bool) throws -> [String] {
        let plan = ArchivePlan(
            segments: try list.segments(), policy: policy, workflowRuns: workflowRuns,
            utilizationPercent: try FileSystem.utilizationPercent(of: exportDirectory))
        return try plan.steps.map { step in
            switch step {
            case .copyThenDelete(let segment):
                guard case .archive(let directory) = policy else {
                    preconditionFailure("a plan copies under the archive policy only")
                }
                let location = directory + "/" + (segment.path as NSString).lastPathComponent
                try FileSystem.copyDurably(from: segment.path, to: location)
                try list.markArchived(segment.number, location: location)
                try FileSystem.remove(segment.path)
                try list.markDeleted(segment.number)
                return "archived segment \(segment.number) to \(location)"
            case .delete(let segment):
                try FileSystem.remove(segment.path)
                try list.markDeleted(segment.number)
                return "deleted segment \(segment.number)"
            }
        }
    }

}

/// What went wrong with a file, and what to do.
package struct ArchiveError: Error, Equatable, CustomStringConvertible {
    package let description: String
}

/// The few calls on files whose order a crash depends on.
private enum FileSystem {
    /// Copies under another name, syncs, renames, syncs the directory: the name is there with the whole file or not
    /// at all.
    static func copyDurably(from path: String, to location: String) throws {
        let partial = location + ".partial"
        try remove(partial)
        do {
            try FileManager.default.copyItem(atPath: path, toPath: partial)
        } catch {
            throw ArchiveError(
                description: "cannot copy \(path) to \(location): \(error.localizedDescription); "
                    + "make room or rights there and run archive changes again")
        }
        try sync(partial)
        // The C strings of this and the calls below live for the call.
        guard unsafe rename(partial, location) == 0 else { throw failure("rename", partial) }
        try sync((location as NSString).deletingLastPathComponent)
    }

    /// A file that is gone already is no error: the sweep before may have been cut off here.
    static func remove(_ path: String) throws {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure("delete", path) }
    }

    static func utilizationPercent(of path: String) throws -> Int {
        var figures = statvfs()
        // The call fills a local value.
        guard unsafe statvfs(path, &figures) == 0 else { throw failure("look at the file system of", path) }
        let used = Double(figures.f_blocks) - Double(figures.f_bfree)
        let usable = used + Double(figures.f_bavail)
        return usable > 0 ? Int((used * 100 / usable).rounded(.up)) : 0
    }

    private static func sync(_ path: String) throws {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    private static func failure(_ what: String, _ path: String) -> ArchiveError {
        ArchiveError(
            description:
                "cannot \(what) \(path): \(POSIXError(.init(rawValue: errno) ?? .EIO).localizedDescription)")
    }
}
