import Records

/// What a pass has read of its tables before it reads their rows. A proof holds as long as this is the same.
struct ProofGround {
    let leg: Leg
    private(set) var storage: [Side: [QualifiedName: String]] = [:]
    /// The number of times that each table was set aside.
    let lapses: [QualifiedName: Int]

    init(of tables: [QualifiedName], _ leg: Leg, _ context: RoleContext) throws {
        self.leg = leg
        lapses = try RowProof.read(leg: leg, context.journal)?.lapses ?? [:]
        for side in Side.allCases {
            storage[side] = try context.side(side).storage(of: tables, publication: leg.publicationName)
        }
    }

    func lapses(of table: QualifiedName) -> Int { lapses[table] ?? 0 }

    func storage(of table: QualifiedName) -> [Side: String] { storage.compactMapValues { $0[table] } }

    /// Throws if the changes of a table are passed over, or were since the pass began. Whatever was read on
    /// the destination before this call has all changes of the table up to the watermark.
    func checkApplied(_ table: QualifiedName, _ context: RoleContext) throws {
        let record = try context.record()
        if record.isExcluded(table) { throw TableNotVerified(reason: "the table is excluded since") }
        if let aside = record.setAsideTable(table) {
            throw TableNotVerified(reason: "the table is set aside since: \(aside.reason)")
        }
        let now = try RowProof.read(leg: leg, context.journal)?.lapses(of: table) ?? 0
        guard now == lapses(of: table) else {
            throw TableNotVerified(reason: "the table was set aside meanwhile, and is applied again")
        }
    }
}

/// A table cannot be verified in this pass. Others can.
struct TableNotVerified: Error {
    let reason: String
}
