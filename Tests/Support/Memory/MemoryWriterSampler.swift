import Engine
import Records

/// A look at the sessions of a server in memory, which have open transactions only: what is over leaves no
/// trace.
final class MemoryWriterSampler: WriterSampler {
    private let server: MemoryServer

    init(_ server: MemoryServer) { self.server = server }

    func sample(_ tables: [QualifiedName], since: Double?) throws -> WriterSample {
        WriterSample(at: secondsNow(), statements: [], written: [:])
    }
}
