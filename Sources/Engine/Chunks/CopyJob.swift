import Journal
import Records

/// A copy job: a thread that copies chunks with a connection to read and one to write, or a file in place of
/// either.
actor CopyJob {
    private nonisolated let thread: SessionThread
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor keeps its executor alive.
        unsafe thread.asUnownedSerialExecutor()
    }

    private let number: Int
    private let context: RoleContext
    private let leg: Leg
    private let queue: ChunkQueue
    private let copy: ChunkCopy

    init(
        number: Int, context: RoleContext, leg: Leg, queue: ChunkQueue, tables: [QualifiedName: Table]
    ) {
        thread = SessionThread(name: "copy \(number)")
        self.number = number
        self.context = context
        self.leg = leg
        self.queue = queue
        copy = ChunkCopy(context: context, queue: queue, tables: tables)
    }

    /// Reads chunks under a snapshot, directly into the target if `toTarget`, else into files under
    /// `data/`.
    ///
    /// The snapshot outlives the reader. So a chunk whose statement failed, by a cancel for example, is
    /// copied again under the same snapshot.
    func export(snapshot: any SharedSnapshot, toTarget: Bool) throws {
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        var progress = Progress()
        while true {
            do {
                try export(from: try snapshot.reader(), toTarget: toTarget, &progress)
                return
            } catch {
                do { try pauseBeforeRetry(after: error, &patience, done: progress.done) } catch {
                    queue.close(because: error)
                    throw error
                }
            }
        }
    }

    private func export(from reader: any SnapshotReader, toTarget: Bool, _ progress: inout Progress) throws {
        if toTarget {
            let writer = try context.destination(of: leg).snapshotWriter()
            try copyAll(&progress) { try copy.copy($0, reader, to: writer) }
        } else {
            try copyAll(&progress) { try copy.export($0, reader) }
        }
        try reader.finish()
    }

    /// Writes exported chunk files to the target.
    func importFiles() throws {
        do {
            let writer = try context.destination(of: leg).snapshotWriter()
            while let chunk = queue.next() { try copy.importFile(chunk, writer) }
        } catch {
            queue.close(because: error)
            throw error
        }
    }

    /// The progress of the job, which continues over a new connection.
    private struct Progress {
        /// The chunk that was begun; a retry copies it again.
        var chunk: StoredChunk?
        /// Chunks copied.
        var done: UInt64 = 0
    }

    private func copyAll(_ progress: inout Progress, _ copy: (StoredChunk) throws -> Void) throws {
        while let chunk = progress.chunk ?? queue.next() {
            progress.chunk = chunk
            try copy(chunk)
            progress.chunk = nil
            progress.done += 1
            queue.noteRetry(job: number, nil)
        }
    }

    /// Waits if the chunk can be copied again under the same snapshot; throws otherwise.
    private func pauseBeforeRetry(after error: any Error, _ patience: inout Patience, done: UInt64) throws {
        switch condition(of: error) {
        // A server that was lost has also lost its snapshots.
        case .connectionLost, .snapshotGone, .final: throw error
        case .conflict, .cancelled, .readOnly, .outOfResources, .inputOutput, .inUse, .dataMoved: break
        }
        switch patience.judge(error, progress: done) {
        case .over(let error): throw error
        case .again(let milliseconds, let isFirst):
            queue.noteRetry(job: number, "\(error)")
            if isFirst { context.log(.warning, "capture", "\(error); the chunk is copied again") }
            try pause(milliseconds: milliseconds) { try queue.check(context.stop) }
        }
    }
}
