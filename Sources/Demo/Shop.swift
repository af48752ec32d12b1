import Foundation
import Postgres
import Records

/// The shop: the database the demo migrates, and the role its application works as.
package struct Shop: Sendable {
    package static let database = "shop"
    package static let role = "shop"
    package static let schemas = ["public"]
    /// What the application calls itself towards a server.
    package static let applicationName = "shop application"

    /// The role's password, the same on both sides.
    package let password: String

    package init(password: String = UUID().uuidString) {
        self.password = password
    }

    /// The way to the shop as its application goes.
    package func access(at cluster: ThrowAwayCluster) -> DatabaseAccess {
        cluster.access(database: Self.database, user: Self.role, password: password)
    }

    /// Makes the role and the empty database. What the superuser makes in it later, as an import of a schema does,
    /// the role may use.
    package func prepare(_ cluster: ThrowAwayCluster) throws {
        let role = quoteIdentifier(Self.role)
        let database = quoteIdentifier(Self.database)
        do {
            let server = try PostgresConnection(
                cluster.access(), applicationName: "switchback demo", settings: nil)
            try server.execute(
                "create role \(role) login password \(quoteLiteral(password))", doing: "make the shop's role")
            try server.execute("create database \(database) owner \(role)", doing: "make the shop's database")
        }
        let inside = try PostgresConnection(
            cluster.access(database: Self.database), applicationName: "switchback demo", settings: nil)
        for kind in ["tables", "sequences", "functions", "types"] {
            try inside.execute(
                "alter default privileges grant all on \(kind) to \(role)",
                doing: "let the shop's role use its tables")
        }
    }

    /// Makes the shop's tables and fills them with about that many rows, as their owner.
    package func load(into cluster: ThrowAwayCluster, rows: Int) throws {
        let session = try PostgresConnection(
            access(at: cluster), applicationName: "switchback demo", settings: nil)
        try session.execute(Self.text(PackageResources.shop_schema_sql), doing: "make the shop's tables")
        try session.query("select set_config('shop.rows', $1, false)", [String(rows)])
        try session.execute(Self.text(PackageResources.shop_rows_sql), doing: "fill the shop")
    }

    static func text(_ resource: [UInt8]) -> String { String(decoding: resource, as: UTF8.self) }
}
