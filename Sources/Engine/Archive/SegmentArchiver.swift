import Foundation

/// The archiver of applied segments: carries out the archive plan, sweep after sweep, until the workflow has
/// ended.
package struct SegmentArchiver: Sendable {
    /// Time between two sweeps.
    package static let pollSeconds = 5.0
    /// Wait between two checks of the stop signal.
    private static let stopPollMilliseconds = 200

    private let list: any SegmentList
    private let exportDirectory: String
    private let policy: ArchivePolicy

    package init(segments list: any SegmentList, exportDirectory: String, policy: ArchivePolicy) {
        self.list = list
        self.exportDirectory = exportDirectory
        self.policy = policy
    }

    /// Sweeps every few seconds. Returns after the sweep that follows the end of the workflow; throws
    /// `StopRequested` if stopped.
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
                try await Task.sleep(for: .milliseconds(Self.stopPollMilliseconds))
            }
        }
    }

    /// Whether no segment is written or read any more. After the last release the capture still checks for
    /// late writes, and reports the segment that has them.
    package static func hasEnded(_ status: MigrationStatus) -> Bool {
        status.phase == .ended || status.phase == .complete && status.areLegsRetired
    }

    /// Does one sweep; returns a sentence for each archived or deleted segment.
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

/// The error of a file operation, with its remedy.
package struct ArchiveError: Error, Equatable, CustomStringConvertible {
    package let description: String
}

/// The file operations of the archiver, in an order that a crash cannot harm.
private enum FileSystem {
    /// Copies a file under another name, syncs, renames, and syncs the directory, so that the name appears
    /// only with the whole file.
    static func copyDurably(from path: String, to location: String) throws {
        let partial = location + ".partial"
        try remove(partial)
        do {
            try FileManager.default.copyItem(atPath: path, toPath: partial)
        } catch {
            throw ArchiveError(
                description: "cannot copy \(path) to \(location): \(error.localizedDescription); free space "
                    + "or grant rights there, and run archive changes again")
        }
        try sync(partial)
        // Sound: the C strings of this call and of those below live through it.
        guard unsafe rename(partial, location) == 0 else { throw failure("rename", partial) }
        try sync((location as NSString).deletingLastPathComponent)
    }

    /// Deletes a file. A missing file is no error: an earlier sweep may have been cut off here.
    static func remove(_ path: String) throws {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure("delete", path) }
    }

    static func utilizationPercent(of path: String) throws -> Int {
        var figures = statvfs()
        // Sound: the call fills a local value.
        guard unsafe statvfs(path, &figures) == 0 else { throw failure("read the free space of", path) }
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
