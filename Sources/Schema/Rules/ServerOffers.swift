import Postgres

/// What a PostgreSQL server offers to a schema, as far as builds and installations differ.
package struct ServerOffers: Equatable, Sendable {
    let extensions: Set<String>
    let accessMethods: Set<String>
    /// `pglz` and `lz4`.
    let compressions: Set<String>
    let hasICU: Bool
    let roles: Set<String>
    /// Its foreign servers.
    let servers: Set<String>

    init(
        extensions: Set<String>, accessMethods: Set<String>, compressions: Set<String>, hasICU: Bool,
        roles: Set<String> = [], servers: Set<String> = []
    ) {
        self.extensions = extensions
        self.accessMethods = accessMethods
        self.compressions = compressions
        self.hasICU = hasICU
        self.roles = roles
        self.servers = servers
    }

    /// Asks the server.
    init(_ connection: borrowing PostgresConnection) throws(PostgresError) {
        var found: [String: Set<String>] = [:]
        let rows = try connection.query(
            file: PackageResources.list_offers_sql, [], doing: "read what the target offers"
        ).rows
        for row in rows {
            if let kind = row[0], let name = row[1] { found[kind, default: []].insert(name) }
        }
        self.init(
            extensions: found["extension"] ?? [], accessMethods: found["method"] ?? [],
            compressions: found["compression"] ?? [], hasICU: found["provider"]?.contains("i") ?? false,
            roles: found["role"] ?? [], servers: found["server"] ?? [])
    }
}

extension AnalysisTarget {
    /// What the server offers; nil if it was not asked.
    var offers: ServerOffers? {
        switch self {
        case .yugabyteDB: nil
        case .postgreSQL(_, let offers): offers
        }
    }
}

extension Rule {
    /// The rules for what the target's server does not offer. They find nothing if it was not asked.
    static let offers: [Rule] = [
        Rule(
            "MISSING_EXTENSION", "Extensions that the target lacks", impact: .high,
            reason: "The target's server does not have the extension %.",
            suggestion: "Install the extension's package on the target's host, or drop what depends on it.",
            search: .statement(["CreateExtensionStmt"]) { node, subject in
                let name = node.text("extname") ?? ""
                guard let offers = subject.target.offers, !offers.extensions.contains(name) else { return [] }
                return [Match(detail: name)]
            }),
        Rule(
            "MISSING_ACCESS_METHOD", "Access methods that the target lacks",
            reason: "The target's server does not have the access method %.",
            suggestion: "Create the extension that has it first, or use another access method.",
            search: .statement(["IndexStmt", "VariableSetStmt"]) { node, subject in
                guard let offers = subject.target.offers else { return [] }
                let method =
                    node.text("name") == "default_table_access_method"
                    ? node.nodes("args").first?.string : node.text("accessMethod")
                // An extension of the schema may bring it.
                guard let method, !offers.accessMethods.contains(method), !subject.model.hasExtensions else {
                    return []
                }
                return [Match(detail: method)]
            }),
        Rule(
            "MISSING_COMPRESSION", "Compression methods that the target lacks",
            reason: "The target's server is built without the compression method of column %.",
            suggestion: "Delete the clause.",
            search: .compression { method, subject in
                guard let offers = subject.target.offers, method != "default" else { return false }
                return !offers.compressions.contains(method)
            }),
        Rule(
            "MISSING_ICU", "Collations of ICU", reason: "The target's server is built without ICU.",
            suggestion: "Use a collation of the provider libc.",
            search: .statement(["DefineStmt"]) { node, subject in
                guard node.text("kind") == "OBJECT_COLLATION", subject.target.offers?.hasICU == false,
                    let provider = node.option("provider"), provider.node("arg")?.string == "icu"
                else { return [] }
                return [Match(offset: provider.location)]
            }),
    ]
}
