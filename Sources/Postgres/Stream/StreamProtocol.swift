import Records

/// The protocol version and options that the stream is started with, which depend on the server (manual
/// chapter "Logical Streaming Replication Parameters").
///
/// PostgreSQL 14 brought logical messages and protocol 2, which streams transactions before their commit. 15
/// brought protocol 3, 16 brought 4.
///
/// Values always come as text. The plugin's `binary` is one switch for the whole stream. With it composites,
/// arrays and ranges contain the OIDs of the origin's types, which mean something else on the destination.
/// Every type would also need the same binary form on both servers and versions.
package struct StreamProtocol: Sendable, Equatable {
    /// `proto_version`.
    package let version: Int
    /// Whether a transaction larger than the server's `logical_decoding_work_mem` is streamed before its
    /// commit. Otherwise the server keeps it on its own disk and sends it after the commit.
    package private(set) var streamsOpenTransactions: Bool
    /// Whether logical messages come. They carry the barriers; without them barriers are rows.
    package let sendsMessages: Bool

    /// - Parameter serverVersion: in libpq's form, 150004 for 15.4
    package init(serverVersion: Int, isYugabyteDB: Bool) {
        sendsMessages = serverVersion >= 140_000 && !isYugabyteDB
        guard !isYugabyteDB else {
            // Its walsender gets only committed transactions, one by one, and is known to accept no other
            // option.
            version = 1
            streamsOpenTransactions = false
            return
        }
        switch serverVersion {
        case 160_000...: version = 4
        case 150_000...: version = 3
        case 140_000...: version = 2
        default: version = 1
        }
        streamsOpenTransactions = version >= 2
    }

    /// The same protocol without transactions before their commit.
    package var withoutOpenTransactions: StreamProtocol {
        var whole = self
        whole.streamsOpenTransactions = false
        return whole
    }

    /// The options of START_REPLICATION, without brackets.
    package func options(publication: String) -> String {
        var options =
            "proto_version '\(version)', publication_names \(quoteLiteral(quoteIdentifier(publication)))"
        if sendsMessages { options += ", messages 'true'" }
        // Not 'parallel': it only adds LSN and time to an abort, for a receiver that applies before the
        // commit. Not two_phase: the server would send a prepared transaction before its outcome is known,
        // and the slot keeps the option for ever. Without it the transaction comes at its COMMIT PREPARED
        // like any other.
        if streamsOpenTransactions { options += ", streaming 'on'" }
        return options
    }
}
