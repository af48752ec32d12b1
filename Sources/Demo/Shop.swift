import Foundation
import Postgres
import Records

/// The shop: the database that the demo migrates, and the role of its application.
package struct Shop: Sendable {
    package static let database = "shop"
    package static let role = "shop"
    package static let schemas = ["public"]
    /// The application's `application_name`.
    package static let applicationName = "shop application"

    /// The role's password, the same on both sides.
    package let password: String

    package init(password: String = UUID().uuidString) {
        self.password = password
    }

    /// Returns the application's access to the shop.
    package func access(at cluster: ThrowAwayCluster) -> DatabaseAccess {
        cluster.access(database: Self.database, user: Self.role, password: password)
    }

    /// Creates the role and the empty database. The role may use objects that the superuser creates later, as
    /// a schema import does.
    package func prepare(_ cluster: ThrowAwayCluster) throws {
        let role = quoteIdentifier(Self.role)
        let database = quoteIdentifier(Self.database)
        do {
            let server = try PostgresConnection(
                cluster.access(), applicationName: "switchback demo", settings: nil)
            try server.execute(
                "create role \(role) login password \(quoteLiteral(password))",
                doing: "create the shop's role")
            try server.execute(
                "create database \(database) owner \(role)", doing: "create the shop's database")
        }
        let inside = try PostgresConnection(
            cluster.access(database: Self.database), applicationName: "switchback demo", settings: nil)
        for kind in ["tables", "sequences", "functions", "types"] {
            try inside.execute(
                "alter default privileges grant all on \(kind) to \(role)",
                doing: "let the shop's role use its tables")
        }
    }

    /// Creates the shop's tables as their owner and fills them with about that many rows.
    package func load(into cluster: ThrowAwayCluster, rows: Int) throws {
        let session = try PostgresConnection(
            access(at: cluster), applicationName: "switchback demo", settings: nil)
        try session.execute(Self.text(PackageResources.shop_schema_sql), doing: "create the shop's tables")
        try session.query("select set_config('shop.rows', $1, false)", [String(rows)])
        try session.execute(Self.text(PackageResources.shop_rows_sql), doing: "fill the shop")
    }

    static func text(_ resource: [UInt8]) -> String { String(decoding: resource, as: UTF8.self) }
}
