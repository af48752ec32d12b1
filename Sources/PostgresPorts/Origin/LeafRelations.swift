import Engine
import Records

/// The messages of a stream whose publication lists partitions, changed so that they name the root. A value
/// without I/O.
///
/// A partition's relation keeps its number and its columns, which may have another order than the root's. So
/// several relations have the name of one table, and the changes of a row stay in their order: a row's key
/// contains the partition's, and has one partition. An update that moves a row to another partition comes as
/// a delete and an insert.
struct LeafRelations {
    private var leaves: PublishedLeaves
    /// The partition of each relation that was described.
    private var described: [UInt32: QualifiedName] = [:]

    init(_ leaves: PublishedLeaves) { self.leaves = leaves }

    /// Takes a message; returns the one in its place, or nil if it stays as it is.
    ///
    /// - Parameters:
    ///   - find: returns the known partitions, with those of now; called for a table that is none of the
    ///     known ones
    ///   - now: returns the partitions of now, without those that are gone; called for a TRUNCATE that does
    ///     not name all that were ever known
    mutating func replacement(
        of message: RawSpan, find: (QualifiedName) throws -> PublishedLeaves?,
        now: () throws -> PublishedLeaves
    ) throws -> [UInt8]? {
        var cursor = MessageCursor()
        switch try cursor.byte(in: message) {
        case MessageKind.relation: return try relation(message, find)
        case MessageKind.truncate: return try truncate(message, now)
        default: return nil
        }
    }

    private mutating func relation(
        _ message: RawSpan, _ find: (QualifiedName) throws -> PublishedLeaves?
    ) throws -> [UInt8]? {
        var cursor = MessageCursor(offset: 1)
        let id = try cursor.uint32(in: message)
        let name = QualifiedName(
            schema: try cursor.string(in: message), name: try cursor.string(in: message))
        if leaves.roots[name] == nil, let now = try find(name) { _ = leaves.add(now) }
        guard let root = leaves.roots[name] else {
            described[id] = nil
            return nil
        }
        described[id] = name
        var bytes = [MessageKind.relation]
        bytes.append(bigEndian: id)
        bytes += Array(root.schema.text.utf8) + [0] + Array(root.name.text.utf8) + [0]
        let rest = message.extracting(cursor.offset..<message.byteCount)
        // Sound: the bytes are copied within the call.
        return bytes + (unsafe rest.withUnsafeBytes { unsafe Array($0) })
    }

    /// A TRUNCATE of a root names all of its partitions, but not those that were dropped or detached. One of
    /// a part of them cannot be applied to the root, and YugabyteDB is not known to send any (issue 29674).
    private func truncate(_ message: RawSpan, _ now: () throws -> PublishedLeaves) throws -> [UInt8]? {
        guard case .truncate(let ids, let options) = try ChangeMessage.decode(message),
            ids.contains(where: { described[$0] != nil })
        else { return nil }
        var emptied: [QualifiedName: Set<QualifiedName>] = [:]
        var kept: [UInt32] = []
        for id in ids {
            guard let leaf = described[id], let root = leaves.roots[leaf] else {
                kept.append(id)
                continue
            }
            // One of the relations stands for the root.
            if emptied[root] == nil { kept.append(id) }
            emptied[root, default: []].insert(leaf)
        }
        for (root, named) in emptied {
            let all = leaves.roots.filter { $0.value == root }.map(\.key)
            guard try named.isSuperset(of: all) || named.isSuperset(of: Self.present(all, of: root, now))
            else {
                throw RequestRefused(
                    "\(Array(named).sorted().listed(max: 3)) of \(root) was emptied by a TRUNCATE of its own"
                        + ", which can be applied to a whole table only. The stream cannot pass it: end this "
                        + "migration (`switchback end migration`), and begin a new one if the other side is "
                        + "to be in step again")
            }
        }
        return MessageBytes.truncate(relations: kept, options)
    }

    /// Returns those of the known partitions that a root still has.
    private static func present(
        _ known: [QualifiedName], of root: QualifiedName, _ now: () throws -> PublishedLeaves
    ) throws -> [QualifiedName] {
        let present = try now().roots
        return known.filter { present[$0] == root }
    }
}
