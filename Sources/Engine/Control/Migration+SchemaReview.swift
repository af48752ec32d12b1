import Glibc
import Records
import Schema
import Synchronization

extension Migration {
    package func schemaReview() throws -> SchemaReview? {
        try schemaReviewCache.read(SchemaFiles(exportDirectory: exportDirectory))
    }

    /// Keeps decisions about findings; nil for another request.
    func decided(_ request: Request) throws -> String? {
        guard case .decideFindings(let change) = request else { return nil }
        let files = SchemaFiles(exportDirectory: exportDirectory)
        var decisions = try files.readDecisions()
        let unknown = decisions.takeBack(change.takenBack)
        if let first = unknown.first {
            throw RequestRefused("nothing was decided about \(first), so nothing can be taken back")
        }
        decisions.take(change.decisions)
        try files.write(decisions)
        return change.words
    }
}

/// The review of the schema that was read last, so that a file is read again only after it has changed.
final class SchemaReviewCache: Sendable {
    /// A version of a file, by what `stat` says; nil if the file is missing.
    private struct Version: Equatable {
        let inode: UInt
        let seconds: Int
        let nanoseconds: Int
        let bytes: Int

        init?(of path: String) {
            var information = stat()
            // Sound: the structure and the path live through the call.
            guard unsafe stat(path, &information) == 0 else { return nil }
            inode = UInt(information.st_ino)
            seconds = information.st_mtim.tv_sec
            nanoseconds = information.st_mtim.tv_nsec
            bytes = Int(information.st_size)
        }
    }

    /// A file's value, with the version that it was read from.
    private struct Kept<Value: Sendable> {
        var version: Version?
        var value: Value?
    }

    private let kept = Mutex((analysis: Kept<ReviewedAnalysis>(), decisions: Kept<SchemaDecisions>()))

    /// Returns the newest analysis with the decisions about it; nil if there is none.
    func read(_ files: SchemaFiles) throws -> SchemaReview? {
        try kept.withLock { kept in
            // An analysis is long, and decisions change more often: each is read again by itself.
            let versions = (Version(of: files.review), Version(of: files.decisions))
            if kept.analysis.version != versions.0 {
                kept.analysis = Kept(version: versions.0, value: try files.readReview())
            }
            if kept.decisions.value == nil || kept.decisions.version != versions.1 {
                kept.decisions = Kept(version: versions.1, value: try files.readDecisions())
            }
            guard let analysis = kept.analysis.value, let decisions = kept.decisions.value else { return nil }
            return SchemaReview(analysis, decisions)
        }
    }
}
