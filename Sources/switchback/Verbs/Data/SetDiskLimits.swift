import ArgumentParser

/// `set disk limits`: how much of the disk the capture may take, also while changes stream.
struct SetDiskLimits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Pause the capture before the disk fills, or the queue grows too long.")

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
