/// A fault of the files in the export directory.
package enum JournalError: Error, Sendable, CustomStringConvertible {
    case notStarted(directory: String)
    /// The journal was written by another version of this program.
    case otherVersion(path: String)
    case store(doing: String, reason: String)
    /// ENOSPC, EDQUOT or EFBIG.
    case diskFull(path: String, reason: String)
    case file(path: String, doing: String, reason: String)
    case damaged(path: String, offset: Int, reason: String)

    package var description: String {
        switch self {
        case .notStarted(let directory):
            "there is no migration in \(directory): metainfo/meta.db is missing; begin with `switchback "
                + "export schema`, or open the console there"
        case .otherVersion(let path):
            "\(path) was written by another version of this program; open the migration to use it with "
                + "this one"
        case .store(let doing, let reason):
            "cannot \(doing) in metainfo/meta.db: \(reason)"
        case .diskFull(let path, let reason):
            "the disk is full: cannot write \(path) (\(reason)); free space on that file system and start "
                + "again, nothing is lost"
        case .file(let path, let doing, let reason):
            "cannot \(doing) \(path): \(reason)"
        case .damaged(let path, let offset, let reason):
            "\(path) is damaged at byte \(offset): \(reason); keep the file and take the segment again from "
                + "a copy"
        }
    }
}
