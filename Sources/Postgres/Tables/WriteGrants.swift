import Records

/// The right of a role to write to a table or to one of its columns, as somebody has granted it.
package struct WriteGrant: Sendable, Equatable {
    package let table: QualifiedName
    /// Nil for the whole table.
    package let column: Identifier?
    package let grantor: String
    /// Nil for PUBLIC.
    package let grantee: String?
    /// `INSERT`, `UPDATE`, `DELETE` or `TRUNCATE`.
    package let right: String
    /// Whether the grantee may grant it to others.
    package let isGrantable: Bool
    package let owner: String
    /// Whether our role has the owner's rights.
    package let isOurs: Bool
    /// Whether our role may act as the one who has granted it.
    package let mayGrantAgain: Bool

    package init(
        table: QualifiedName, column: Identifier?, grantor: String, grantee: String?, right: String,
        isGrantable: Bool, owner: String, isOurs: Bool = true, mayGrantAgain: Bool = true
    ) {
        self.table = table
        self.column = column
        self.grantor = grantor
        self.grantee = grantee
        self.right = right
        self.isGrantable = isGrantable
        self.owner = owner
        self.isOurs = isOurs
        self.mayGrantAgain = mayGrantAgain
    }

    private var granteeName: String { grantee.map { quoteIdentifier($0) } ?? "public" }

    /// The statement that grants it, as its grantor.
    package var grantStatement: String {
        let on = column.map { " (\(quoteIdentifier($0)))" } ?? ""
        return "grant \(right.lowercased())\(on) on table \(table.quoted) to \(granteeName)"
            + (isGrantable ? " with grant option" : "")
    }

    /// The statements that give the grants of a table back as they were, in one text. Who was granted the
    /// right to grant comes before those to whom he has granted it.
    package static func restoring(_ grants: [WriteGrant]) -> String {
        var left = grants
        var known = Set(grants.map(\.owner))
        var statements: [String] = []
        while !left.isEmpty {
            let ready = left.filter { known.contains($0.grantor) }
            // Grants in a circle cannot be; what is left would come as it is.
            let next = ready.isEmpty ? left : ready
            for grant in next {
                let isOwner = grant.grantor == grant.owner
                statements += isOwner ? [] : ["set local role \(quoteIdentifier(grant.grantor))"]
                statements.append(grant.grantStatement)
                statements += isOwner ? [] : ["reset role"]
            }
            left.removeAll { next.contains($0) }
            known.formUnion(next.compactMap(\.grantee))
        }
        return statements.joined(separator: "; ")
    }

    /// The statement that revokes all rights to write of these grantees. It revokes those on columns, too,
    /// and what they have granted to others.
    package static func revoking(_ grants: [WriteGrant]) -> String? {
        guard let table = grants.first?.table else { return nil }
        var names: [String] = []
        for grant in grants where !names.contains(grant.granteeName) { names.append(grant.granteeName) }
        return "revoke insert, update, delete, truncate on table \(table.quoted) from "
            + "\(names.joined(separator: ", ")) cascade"
    }
}

extension PostgresConnection {
    /// Lists the grants of the right to write on these tables and their partitions, to others than the owner
    /// and our own role.
    package func writeGrants(on tables: [QualifiedName]) throws(PostgresError) -> [WriteGrant] {
        try query(
            file: PackageResources.list_write_grants_sql, [Self.textArray(tables.map(\.quoted))],
            doing: "read the rights to write"
        ).rows.map { row in
            WriteGrant(
                table: QualifiedName(schema: row[0] ?? "", name: row[1] ?? ""),
                column: row[2].map { Identifier($0) }, grantor: row[3] ?? "", grantee: row[4],
                right: row[5] ?? "", isGrantable: row[6] == "t", owner: row[7] ?? "", isOurs: row[8] == "t",
                mayGrantAgain: row[9] == "t")
        }
    }
}
