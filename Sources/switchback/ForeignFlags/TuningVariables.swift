import Engine
import Foundation

/// The environment variables of yb-voyager that tune what Switchback has, too. Keys of the config file set
/// them.
struct TuningVariables: Equatable {
    /// The keys of the config file that set the variables.
    static let keys = [
        "queue-segment-max-bytes", "max-events-per-batch", "max-batch-size-bytes",
        "max-interval-between-batches",
    ]

    var segmentBytesMax: Int?
    var applyBounds = ApplyBounds()

    private static let segmentBytes = 1 << 20...1 << 30
    private static let batchChanges = 1...1_000_000
    private static let batchBytes = 1 << 16...256 << 20
    private static let batchMilliseconds = 1...60_000

    /// Reads the variables; throws if one has a value that is out of bounds.
    init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        func number(_ name: String, _ bounds: ClosedRange<Int>) throws -> Int? {
            guard let text = environment[name], !text.isEmpty else { return nil }
            guard let number = Int(text), bounds.contains(number) else {
                throw VerbFailure(
                    "\(name)=\(text) is out of bounds; give \(bounds.lowerBound) to \(bounds.upperBound)")
            }
            return number
        }
        segmentBytesMax = try number("QUEUE_SEGMENT_MAX_BYTES", Self.segmentBytes)
        applyBounds.changesMax = try number("MAX_EVENTS_PER_BATCH", Self.batchChanges)
        applyBounds.bytesMax = try number("MAX_BATCH_SIZE_BYTES", Self.batchBytes)
        applyBounds.seconds = try number("MAX_INTERVAL_BETWEEN_BATCHES", Self.batchMilliseconds).map {
            Double($0) / 1000
        }
    }

    /// Sets the options of a process that runs a role.
    func apply(to options: inout RunOptions) {
        options.segmentBytesMax = segmentBytesMax
        options.applyBounds = applyBounds
    }
}
