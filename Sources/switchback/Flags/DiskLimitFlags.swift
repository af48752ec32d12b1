import ArgumentParser
import Engine

/// The flags that limit how much of the export directory's disk capture may use. A limit without its flag
/// stays.
struct DiskLimitFlags: ParsableArguments {
    @Option(
        help: "Pause when less of the export directory's disk is free, such as 2GB (initially 256MB).")
    var diskFreeMin: ByteSize?
    @Option(
        help:
            "Pause while more changes are not applied yet, such as 50GB; 0 means no limit (initially 0).")
    var queueSizeMax: ByteSize?

    /// Stores the limits; a repeated command line changes nothing.
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
