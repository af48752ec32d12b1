import ArgumentParser
import Engine

/// How much of the export directory's disk the capture may take; what is not said stays as it is.
struct DiskLimitFlags: ParsableArguments {
    @Option(
        help: "Pause before less is free on the disk of the export directory, such as 2GB (256MB at first).")
    var diskFreeMin: ByteSize?
    @Option(
        help:
            "Pause while more of the changes is not applied yet, such as 50GB; 0 for no bound (as at first).")
    var queueSizeMax: ByteSize?

    /// Keeps them; the same command line run again changes nothing.
    func apply(to start: VerbStart) throws {
        guard diskFreeMin != nil || queueSizeMax != nil else { return }
        let kept = try start.migration.status().diskLimits
        var limits = kept
        if let diskFreeMin { limits.freeBytesMin = diskFreeMin.bytes }
        if let queueSizeMax { limits.queueBytesMax = queueSizeMax.bytes == 0 ? nil : queueSizeMax.bytes }
        if limits != kept { _ = try start.migration.leave(.setDiskLimits(limits), by: start.operatorName) }
        start.log.notice("\(limits.words)")
        Terminal.output.line(limits.words)
    }

    mutating func validate() throws {
        var limits = DiskLimits()
        if let diskFreeMin { limits.freeBytesMin = diskFreeMin.bytes }
        if let queueSizeMax, queueSizeMax.bytes > 0 { limits.queueBytesMax = queueSizeMax.bytes }
        if let problem = limits.problem { throw ValidationError(problem) }
    }
}

/// A size on the command line: `512MB`, `10GB`, or bytes.
struct ByteSize: ExpressibleByArgument, Equatable, Sendable {
    let bytes: Int64

    init?(argument: String) {
        guard let bytes = DiskLimits.bytes(argument) else { return nil }
        self.bytes = bytes
    }
}
