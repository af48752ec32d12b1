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

    private struct Kept {
        let versions: [Version?]
        let review: SchemaReview?
    }

    private let kept = Mutex<Kept?>(nil)

    /// Returns the newest analysis with the decisions about it; nil if there is none.
    func read(_ files: SchemaFiles) throws -> SchemaReview? {
        try kept.withLock { kept in
            let versions = [Version(of: files.review), Version(of: files.decisions)]
            if let kept, kept.versions == versions { return kept.review }
            let review = try files.readReview().map { SchemaReview($0, try files.readDecisions()) }
            kept = Kept(versions: versions, review: review)
            return review
        }
    }
}
