import ArgumentParser
import Engine
import Records
import Schema

/// A flag's value that is one of a few words; case does not matter.
protocol LowercasedArgument: RawRepresentable, ExpressibleByArgument where RawValue == String {}

extension LowercasedArgument {
    init?(argument: String) {
        self.init(rawValue: argument.lowercased())
    }
}

/// The values of `--source-db-type`; only PostgreSQL is supported.
enum SourceDatabaseType: String, LowercasedArgument, CaseIterable, Sendable {
    case postgresql
    case oracle
    case mysql
    case yugabytedb
}

/// The values of `--target-db-type`.
enum TargetDatabaseType: String, LowercasedArgument, CaseIterable, Sendable {
    case yugabytedb
    case yugabytedbAMP = "yugabytedb-amp"
    case postgresql
}

/// The values of `--export-type`.
enum ExportType: String, LowercasedArgument, CaseIterable, Sendable {
    case snapshotOnly = "snapshot-only"
    case snapshotAndChanges = "snapshot-and-changes"
    case changesOnly = "changes-only"
}

/// The SSL modes of libpq.
enum SSLMode: String, LowercasedArgument, CaseIterable, Sendable {
    case disable
    case allow
    case prefer
    case require
    case verifyCA = "verify-ca"
    case verifyFull = "verify-full"
}

/// The values of `--log-level`.
enum LogLevel: String, LowercasedArgument, CaseIterable, Sendable {
    case trace
    case debug
    case info
    case warn
    case error
    case fatal
    case panic
}

/// The values of `--adaptive-parallelism`.
enum AdaptiveParallelism: String, LowercasedArgument, CaseIterable, Sendable {
    case disabled
    case balanced
    case aggressive
}

/// The values of `--on-primary-key-conflict`.
enum PrimaryKeyConflict: String, LowercasedArgument, CaseIterable, Sendable {
    case errorPolicy = "error-policy"
    case ignore
}

/// The policy for a row of the snapshot that cannot be imported.
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

/// The names of the apply modes on the command line.
enum ApplyModeName: String, LowercasedArgument, CaseIterable, Sendable {
    case transactional
    case parallel
}

/// The part of the origin that a cutover fences.
enum FenceForm: String, LowercasedArgument, CaseIterable, Sendable {
    case database
    case tables
    case rights = "revoke"
    case nothing = "none"

    var form: CutoverFence {
        switch self {
        case .database: .database
        case .tables: .tables
        case .rights: .rights
        case .nothing: .nothing
        }
    }
}

/// The formats of the schema analysis.
enum AnalysisFormat: String, LowercasedArgument, CaseIterable, Sendable {
    case html
    case txt
    case json
    case xml

    var report: SchemaReportFormat {
        switch self {
        case .html: .html
        case .txt: .txt
        case .json: .json
        case .xml: .xml
        }
    }
}

/// The severities of findings of the schema analysis.
enum FindingSeverity: String, LowercasedArgument, CaseIterable, Sendable {
    case blocking
    case warning
    case info

    var severity: SchemaIssue.Severity {
        switch self {
        case .blocking: .blocking
        case .warning: .warning
        case .info: .info
        }
    }
}

/// The formats of a table in the output.
enum TableFormat: String, LowercasedArgument, CaseIterable, Sendable {
    case table
    case json
}

/// The names of the archive policies on the command line.
enum ArchivePolicyName: String, LowercasedArgument, CaseIterable, Sendable {
    case archive
    case delete
}
