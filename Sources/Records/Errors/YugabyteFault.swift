/// A fault of YugabyteDB's stream. The server has one SQLSTATE for all of them, XX000, so that the words of
/// the message distinguish them. docs/yugabytedb.md has the source of each text. None was seen on
/// a YugabyteDB.
package enum YugabyteFault: Sendable, Equatable, CaseIterable {
    /// A tablet was split, and the server does not know its children yet.
    case tabletSplit
    /// The node streams to as many readers as it may.
    case readersExhausted
    /// The server no longer has the form in which rows were packed before a DDL.
    case schemaPackingGone
    /// The server has given up the stream of one tablet.
    case expired
    /// A table was not read for hours after the slot was made, and the server has given it up.
    case tableUnqualified
    /// The server has removed changes that the slot has not sent yet.
    case changesRemoved
    /// The server was upgraded to another release of PostgreSQL and has lost the catalog of before.
    case catalogGone

    /// Another attempt's chance, which decides how often the stream is opened again.
    package enum Hope: Sendable, Equatable {
        /// It passes by itself.
        case likely
        /// It may pass, because a server may answer from an old cache.
        case slight
        case none
    }

    package var hope: Hope {
        switch self {
        case .tabletSplit, .readersExhausted: .likely
        case .schemaPackingGone, .expired: .slight
        case .tableUnqualified, .changesRemoved, .catalogGone: .none
        }
    }

    /// Recognizes a fault by the message of a server; nil if it is none of these.
    package init?(message: String) {
        guard
            let found = Self.allCases.first(where: { fault in
                fault.texts.contains { $0.allSatisfy(message.contains) }
            })
        else { return nil }
        self = found
    }

    /// The words of the server's messages: a message has all words of one list. `Stream` is written with and
    /// without a capital.
    private var texts: [[String]] {
        switch self {
        case .tabletSplit:
            [["split children for tablet"], ["children tablets for tablet_id"], ["Tablet Split detected on"]]
        case .readersExhausted:
            [["VirtualWAL", "max capacity reached"], ["cdc_max_virtual_wal_per_tserver"]]
        case .schemaPackingGone: [["Schema packing not found"]]
        case .expired: [["tream ID", "is expired for Tablet ID"]]
        case .tableUnqualified:
            [["has been unqualified for stream"], ["unpolled for too long for Tablet ID"]]
        case .changesRemoved:
            [["already GCed intents"], ["has been already GCed"], ["garbage collected and cannot be read"]]
        case .catalogGone: [["catalog version for database", "was not found"]]
        }
    }

    /// What has happened on the server, as the hint of its error.
    package var meaning: String {
        switch self {
        case .tabletSplit:
            "a tablet was split, and the server is about to stream from its children: the stream is opened "
                + "again"
        case .readersExhausted:
            "the node streams to as many readers as it may (cdc_max_virtual_wal_per_tserver): end another "
                + "reader there, or raise that flag of the yb-tservers"
        case .schemaPackingGone:
            "a DDL on that server, such as CREATE INDEX, has replaced the form in which a table's rows are "
                + "packed, and the changes from before it cannot be read any more"
        case .expired:
            "the server has given up the slot's stream of that tablet (cdc_intent_retention_ms), and keeps "
                + "its changes no longer"
        case .tableUnqualified:
            "no stream has read that table for hours after the slot was made "
                + "(cdcsdk_tablet_not_of_interest_timeout_secs), and the server keeps its changes no longer"
        case .changesRemoved:
            "the server has removed changes that the slot has not sent: it was unread for longer than "
                + "cdc_wal_retention_time_secs or cdc_intent_retention_ms"
        case .catalogGone:
            "the server was upgraded to another release of PostgreSQL while the slot was behind, and the "
                + "catalog of its changes is gone"
        }
    }
}
