import ArgumentParser

/// `set disk limits`: changes how much of the disk capture may use, also while changes stream.
struct SetDiskLimits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Pause capture before the disk is full or the queue is too large.")

    @OptionGroup var global: GlobalFlags
    @OptionGroup var disk: DiskLimitFlags

    mutating func validate() throws {
        if disk.diskFreeMin == nil, disk.queueSizeMax == nil {
            throw ValidationError("give --disk-free-min, --queue-size-max, or both")
        }
    }

    func run() async throws {
        try disk.apply(to: try VerbStart(.existing, flags: global))
    }
}
