import Engine
import Postgres
import Records

/// The comparison of tables, and the start of the removal of what is ours.
extension PostgresSide {
    func tables() throws -> [Table] {
        let connection = try context.connect(side, as: "cutover")
        // Reading the tables' sizes waits for locks. The step is performed again after this one.
        try connection.execute("set lock_timeout = '5s'", doing: "read the tables")
        return try connection.tables(inSchemas: try context.record().schemas)
    }

    func storage(of tables: [QualifiedName], publication: String) throws -> [QualifiedName: String] {
        try context.connect(side, as: "verify").storage(
            of: tables, inSchemas: try context.record().schemas, publication: publication)
    }

    func checksums(of tables: [Table], begin: (Table) -> Void, meanwhile proceed: () throws -> Void) throws
        -> [QualifiedName: String]
    {
        try TableChecksums.read(
            try context.connect(side, as: "cutover"), tables: tables, begin: begin, meanwhile: proceed)
    }

    func startRemoval(for work: String) throws -> any RemovalSession {
        let connection = try context.connectAlone(side, step: work)
        try context.checkIdentity(side, connection)
        return RemovalConnection(self, connection, uuid: try context.record().uuid)
    }
}
