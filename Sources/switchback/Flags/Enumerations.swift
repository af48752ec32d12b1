import ArgumentParser
import Engine

/// A flag's value that is one of a few words; case does not matter.
protocol LowercasedArgument: RawRepresentable, ExpressibleByArgument where RawValue == String {}

extension LowercasedArgument {
    init?(argument: String) {
        self.init(rawValue: argument.lowercased())
    }
}

enum SourceDatabaseType: String, LowercasedArgument, CaseIterable, Sendable {
    case postgresql
    case oracle
    case mysql
    case yugabytedb
}

enum TargetDatabaseType: String, LowercasedArgument, CaseIterable, Sendable {
    case yugabytedb
    case yugabytedbAMP = "yugabytedb-amp"
    case postgresql
}

enum ExportType: String, LowercasedArgument, CaseIterable, Sendable {
    case snapshotOnly = "snapshot-only"
    case snapshotAndChanges = "snapshot-and-changes"
    case changesOnly = "changes-only"
}

enum SSLMode: String, LowercasedArgument, CaseIterable, Sendable {
    case disable
    case allow
    case prefer
    case require
    case verifyCA = "verify-ca"
    case verifyFull = "verify-full"
}

enum LogLevel: String, LowercasedArgument, CaseIterable, Sendable {
    case trace
    case debug
    case info
    case warn
    case error
    case fatal
    case panic
}

enum AdaptiveParallelism: String, LowercasedArgument, CaseIterable, Sendable {
    case disabled
    case balanced
    case aggressive
}

enum PrimaryKeyConflict: String, LowercasedArgument, CaseIterable, Sendable {
    case errorPolicy = "error-policy"
    case ignore
}

enum SnapshotErrorPolicy: String, LowercasedArgument, CaseIterable, Sendable {
    case abort
    case stashAndContinue = "stash-and-continue"
}

/// The policy for a change that cannot be applied, in the words of yb-voyager's policy for the
/// snapshot.
enum StreamingErrorPolicy: String, LowercasedArgument, CaseIterable, Sendable {
    case abort
    case stashAndContinue = "stash-and-continue"
}

enum ApplyModeName: String, LowercasedArgument, CaseIterable, Sendable {
    case transactional
    case parallel
}

/// The part of the origin that a cutover fences.
enum FenceForm: String, LowercasedArgument, CaseIterable, Sendable {
    case database
    case tables

    var form: CutoverFence {
        switch self {
        case .database: .database
        case .tables: .tables
        }
    }
}

enum AnalysisFormat: String, LowercasedArgument, CaseIterable, Sendable {
    case html
    case txt
    case json
    case xml
}

enum TableFormat: String, LowercasedArgument, CaseIterable, Sendable {
    case table
    case json
}

enum ArchivePolicyName: String, LowercasedArgument, CaseIterable, Sendable {
    case archive
    case delete
}
