import Records

/// What is asked of the output plugin when the stream is started: the protocol and its options, by the server.
///
/// Source: manual chapter "Logical Streaming Replication Parameters". 14 brought protocol 2, with transactions that are
/// streamed before their commit, and logical messages; 15 brought 3 and 16 brought 4.
///
/// Values are always text. The plugin's `binary` is one switch for the whole stream: with it composites, arrays and ranges
/// come with the OIDs of the origin's types in their midst, which mean something else on the destination, and every type
/// would need the same binary form on both servers and versions.
package struct StreamProtocol: Sendable, Equatable {
    /// `proto_version`.
    package let version: Int
    /// Whether a transaction that outgrows the server's `logical_decoding_work_mem` comes in parts before its commit. Without
    /// it the server keeps such a transaction on its own disk, and nothing of it can be sent before the commit.
    package private(set) var streamsOpenTransactions: Bool
    /// Whether logical messages come; they carry the barriers, which elsewhere are rows.
    package let sendsMessages: Bool

    /// - Parameter serverVersion: as libpq says it, 150004 for 15.4.
    package init(serverVersion: Int, isYugabyteDB: Bool) {
        sendsMessages = serverVersion >= 140_000 && !isYugabyteDB
        guard !isYugabyteDB else {
            // Its walsender is handed committed transactions only, one after the other, and takes no other option for sure.
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

    /// The same with whole transactions only.
    package var withoutOpenTransactions: StreamProtocol {
        var whole = self
        whole.streamsOpenTransactions = false
        return whole
    }

    /// The options of START_REPLICATION, without their brackets.
    package func options(publication: String) -> String {
        var options =
            "proto_version '\(version)', publication_names \(quoteLiteral(quoteIdentifier(publication)))"
        if sendsMessages { options += ", messages 'true'" }
        // Not 'parallel': it only adds to an abort when it was, for a receiver that applies before the commit. We never do.
        // Not two_phase: it would hand over a prepared transaction whose outcome nobody knows yet, and the slot keeps the
        // option for ever. Without it the transaction comes at its COMMIT PREPARED like any other.
        if streamsOpenTransactions { options += ", streaming 'on'" }
        return options
    }
}
