/// Writes messages of `pgoutput` protocol 1 that the segment log needs and no server has sent in that form
/// (manual chapter "Logical Replication Message Formats").
package enum MessageBytes {
    /// The BEGIN of a transaction that was streamed before its commit.
    package static func begin(_ commit: StreamCommit) -> [UInt8] {
        var bytes = [MessageKind.begin]
        bytes.append(bigEndian: commit.commitLSN.number)
        bytes.append(bigEndian: commit.commitMicroseconds)
        bytes.append(bigEndian: commit.transaction)
        return bytes
    }

    /// The COMMIT of a transaction that was streamed before its commit.
    package static func commit(_ commit: StreamCommit) -> [UInt8] {
        var bytes = [MessageKind.commit, 0]
        bytes.append(bigEndian: commit.commitLSN.number)
        bytes.append(bigEndian: commit.endLSN.number)
        bytes.append(bigEndian: commit.commitMicroseconds)
        return bytes
    }

    /// A TRUNCATE of some of the relations that the server's message names.
    package static func truncate(relations: [UInt32], _ options: TruncateOptions) -> [UInt8] {
        var bytes = [MessageKind.truncate]
        bytes.append(bigEndian: UInt32(relations.count))
        bytes.append(options.rawValue)
        for relation in relations { bytes.append(bigEndian: relation) }
        return bytes
    }

    /// A transactional logical message.
    package static func logicalMessage(prefix: String, _ content: String, at lsn: LogPosition) -> [UInt8] {
        var bytes = [MessageKind.message, 1]
        bytes.append(bigEndian: lsn.number)
        bytes += Array(prefix.utf8) + [0]
        bytes.append(bigEndian: UInt32(content.utf8.count))
        return bytes + Array(content.utf8)
    }
}
