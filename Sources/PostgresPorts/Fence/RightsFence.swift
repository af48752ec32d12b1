import Engine
import Postgres
import Records

/// The fence by rights: the rights to write to the migrated tables and their partitions are revoked from
/// everybody who was granted them. They apply to the next statement of every session. The owner of a table,
/// superusers and functions that run as one of them still write.
struct RightsFence {
    let context: RoleContext
    let side: Side

    /// Revokes the rights of one table after the other. What gives them back is in the record before.
    ///
    /// - Returns: what was done, and who is not fenced, in words.
    func setUp(_ tables: [QualifiedName], on connection: borrowing PostgresConnection) throws -> String {
        let grants = Dictionary(grouping: try connection.writeGrants(on: tables), by: \.table)
        try check(grants.values.flatMap(\.self), on: connection)
        let sorted = grants.sorted { $0.key < $1.key }
        try DatabaseChanges(context).note(
            side,
            sorted.map { table, grants in
                PlannedChange(kind: .revokedRights(table: table), undo: WriteGrant.restoring(grants))
            }
        ) { _ in }
        let own = OwnTransaction(context: context, side: side)
        for (table, grants) in sorted {
            guard let statement = WriteGrant.revoking(grants) else { continue }
            let doing = "revoke the rights to write to \(table)"
            try own.run(connection, doing: doing) { try connection.execute(statement, doing: doing) }
        }
        if let table = try connection.tablesNotWritable(tables) {
            throw RequestRefused(
                "without the rights that others have, this role may not write to \(table) itself: grant "
                    + "insert, update, delete on it to \(quoteIdentifier(connection.user)), or use another "
                    + "fence")
        }
        let open = try DatabaseChanges(context).left(side) { $0.isRevocation }.count
        return
            "rights to write to \(counted(open, "table")) are revoked; owners and superusers are not fenced"
    }

    /// Refuses what could not be undone.
    private func check(_ grants: [WriteGrant], on connection: borrowing PostgresConnection) throws {
        let user = quoteIdentifier(connection.user)
        if let grant = grants.first(where: { !$0.isOurs }) {
            throw RequestRefused(
                "only the owner of \(grant.table) may revoke rights on it: grant "
                    + "\(quoteIdentifier(grant.owner)) to \(user), or use another fence")
        }
        if let grant = grants.first(where: { !$0.mayGrantAgain }) {
            throw RequestRefused(
                "a right on \(grant.table) was granted by \(grant.grantor), and only that role can grant it "
                    + "again: grant \(quoteIdentifier(grant.grantor)) to \(user), or use another fence")
        }
    }
}
