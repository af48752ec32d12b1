import ArgumentParser
import Engine

/// `archive changes`: moves or deletes applied segments of the log, so that the disk does not fill. It has
/// the flags of both generations of yb-voyager.
struct ArchiveChanges: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "changes", abstract: "Move or delete changes that were applied.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "archive or delete.") var policy: ArchivePolicyName?
    @Option(help: "The directory for the segments, with --policy archive; it must exist.") var archiveDir:
        String?
    @Option(
        help: "With --policy delete: delete while the file system is fuller than this (default: 70 percent).")
    var fsUtilizationThreshold: Int?
    @Option(help: "Old form of --policy archive --archive-dir.") var moveTo: String?
    @Option(help: "Old form of --policy delete.") var deleteChangesWithoutArchiving: ValuedBoolean?

    mutating func validate() throws { _ = try wanted() }

    func run() async throws {
        let policy = try checked(try wanted())
        let start = try VerbStart(.existing, flags: global)
        switch try start.migration.status().phase {
        case .prepare, .schema, .snapshot:
            throw VerbFailure("there are no changes yet; run archive changes when changes stream")
        case .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended: break
        }
        StopRequests.endInGoodOrder()
        let archiver = SegmentArchiver(
            segments: try start.migration.segmentList(), exportDirectory: start.exportDirectory,
            policy: policy)
        let log = start.log
        do {
            try await archiver.run(control: start.migration, stop: StopRequests.signal) { line in
                log.info("\(line)")
                Terminal.output.line(line)
            }
        } catch  where isStop(error) {
            throw VerbFailure("stopped; run the same command again to continue")
        }
        Terminal.output.line("archive changes is done: the migration streams no more changes")
    }

    /// Returns the policy that the flags of either generation describe.
    func wanted() throws -> ArchivePolicy {
        var name = policy
        var directory = archiveDir
        let deletesByOldName = deleteChangesWithoutArchiving?.isTrue == true
        if let moveTo {
            guard policy == nil, archiveDir == nil, !deletesByOldName else {
                throw ValidationError(
                    "--move-to cannot be given with --policy, --archive-dir or "
                        + "--delete-changes-without-archiving"
                )
            }
            name = .archive
            directory = moveTo
        } else if deletesByOldName {
            guard policy == nil else {
                throw ValidationError("--delete-changes-without-archiving cannot be given with --policy")
            }
            name = .delete
        }
        try requireFlags([("policy", name != nil)])
        if let percent = fsUtilizationThreshold, !(0...100).contains(percent) {
            throw ValidationError("--fs-utilization-threshold \(percent) is not a percentage; give 0 to 100")
        }
        switch name {
        case .archive:
            try requireFlags([("archive-dir", directory?.isEmpty == false)])
            // The older generation takes the threshold with --move-to as well; there it has no effect.
            if fsUtilizationThreshold != nil, moveTo == nil {
                throw ValidationError("--fs-utilization-threshold needs --policy delete")
            }
            return .archive(directory: directory ?? "")
        case .delete, nil:
            if directory != nil { throw ValidationError("--archive-dir needs --policy archive") }
            return .delete(aboveUtilizationPercent: fsUtilizationThreshold ?? 70)
        }
    }

    private func checked(_ policy: ArchivePolicy) throws -> ArchivePolicy {
        switch policy {
        case .archive(let directory):
            .archive(
                directory: try absoluteDirectory(directory, flag: moveTo == nil ? "archive-dir" : "move-to"))
        case .delete: policy
        }
    }
}
