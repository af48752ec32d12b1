import Records

/// The logical messages that mark a point in an origin's stream of transactions.
enum Barrier {
    static let prefix = "switchback"

    /// `token/name`: the cutover it belongs to and which of its barriers it is.
    static func content(token: String, name: String) -> String { "\(token)/\(name)" }

    static func parse(_ content: String) -> (token: String, name: String)? {
        let parts = content.split(separator: "/", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }
}

extension RoleContext {
    /// Notes a barrier of the open cutover that came through; one of an earlier cutover means nothing any more.
    ///
    /// - Parameter transactions: those with changes that the leg has logged up to it.
    func noteBarrier(_ content: String, at lsn: LSN, transactions: Int64) {
        guard let (token, name) = Barrier.parse(content) else { return }
        do {
            try update { record in
                guard let index = record.cutovers.indices.last, record.cutovers[index].token == token,
                    record.cutovers[index].isOpen, record.cutovers[index].barriers[name] == nil
                else { return }
                record.cutovers[index].barriers[name] = Cutover.Barrier(
                    lsn: lsn, transactions: transactions, seenAt: secondsNow())
            }
        } catch {
            // The step that waits for the barrier writes it again.
            log(.warning, "capture", "the barrier at \(lsn) could not be noted: \(error)")
        }
    }
}
