import ArgumentParser
import Engine
import Records

/// The flags of the source's connection.
struct SourceFlags: ParsableArguments {
    @Option(help: "The type of the source database: postgresql.") var sourceDbType: SourceDatabaseType?
    @Option(help: "The source's host.") var sourceDbHost = "localhost"
    @Option(help: "The source's port (default: 5432).") var sourceDbPort: Int?
    @Option(help: "The user to connect as.") var sourceDbUser: String?

    @Option(parsing: .unconditional, help: "The user's password; better given in SOURCE_DB_PASSWORD.")
    var sourceDbPassword: String?

    @Option(help: "The source database's name.") var sourceDbName: String?
    @Option(help: "The schemas to migrate, separated by commas.") var sourceDbSchema: String?
    @Option(help: "TLS to the source: disable, allow, prefer, require, verify-ca or verify-full.")
    var sourceSslMode = SSLMode.prefer
    @Option(help: "The client certificate's file.") var sourceSslCert = ""
    @Option(help: "The client key's file.") var sourceSslKey = ""
    @Option(help: "The file of root certificates.") var sourceSslRootCert = ""
    @Option(help: "The certificate revocation list's file.") var sourceSslCrl = ""

    // The flags of an Oracle source, so that the refusal can name them.
    @Option(help: .hidden) var oracleDbSid: String?
    @Option(help: .hidden) var oracleHome: String?
    @Option(help: .hidden) var oracleTnsAlias: String?
    @Option(help: .hidden) var oracleCdbName: String?
    @Option(help: .hidden) var oracleCdbSid: String?
    @Option(help: .hidden) var oracleCdbTnsAlias: String?

    mutating func validate() throws {
        try requireFlags([("source-db-type", sourceDbType != nil)])
        switch sourceDbType {
        case .oracle, .mysql:
            throw ValidationError(
                "--source-db-type \(sourceDbType?.rawValue ?? "") is not supported yet; Switchback migrates "
                    + "postgresql"
            )
        case .postgresql, .yugabytedb, nil: break
        }
        try refuseOracleFlags()
        try requireFlags([
            ("source-db-user", sourceDbUser?.isEmpty == false),
            ("source-db-name", sourceDbName?.isEmpty == false),
            ("source-db-schema", !schemas.isEmpty),
        ])
        try checkPort(sourceDbPort, flag: "source-db-port")
    }

    /// The schemas in the operator's order.
    var schemas: [String] { NameList.names(in: sourceDbSchema ?? "") }

    var form: ConnectionForm {
        ConnectionForm(
            host: sourceDbHost, port: sourceDbPort ?? 5432, database: sourceDbName ?? "",
            user: sourceDbUser ?? "",
            sslMode: sourceSslMode.rawValue, sslCert: sourceSslCert, sslKey: sourceSslKey,
            sslRootCert: sourceSslRootCert, sslCRL: sourceSslCrl)
    }

    private func refuseOracleFlags() throws {
        let given: [(String, String?)] = [
            ("oracle-db-sid", oracleDbSid), ("oracle-home", oracleHome), ("oracle-tns-alias", oracleTnsAlias),
            ("oracle-cdb-name", oracleCdbName), ("oracle-cdb-sid", oracleCdbSid),
            ("oracle-cdb-tns-alias", oracleCdbTnsAlias),
        ]
        if let flag = given.first(where: { $0.1?.isEmpty == false }) {
            throw ValidationError("--\(flag.0) is for an Oracle source; the source here is postgresql")
        }
    }
}

/// The flags of the target's connection.
struct TargetFlags: ParsableArguments {
    @Option(help: "The type of the target database: yugabytedb or postgresql.") var targetDbType =
        TargetDatabaseType
        .yugabytedb
    @Option(help: "The target's host.") var targetDbHost = "127.0.0.1"
    @Option(help: "The target's port (default: 5433; 5432 for postgresql).") var targetDbPort: Int?
    @Option(help: "The user to connect as.") var targetDbUser: String?

    @Option(parsing: .unconditional, help: "The user's password; better given in TARGET_DB_PASSWORD.")
    var targetDbPassword: String?

    @Option(help: "The target database's name.") var targetDbName = "yugabyte"
    @Option(help: "Not used with a postgresql source: tables keep their schemas.") var targetDbSchema: String?
    @Option(help: "TLS to the target: disable, allow, prefer, require, verify-ca or verify-full.")
    var targetSslMode = SSLMode.prefer
    @Option(help: "The client certificate's file.") var targetSslCert = ""
    @Option(help: "The client key's file.") var targetSslKey = ""
    @Option(help: "The file of root certificates.") var targetSslRootCert = ""
    @Option(help: "The certificate revocation list's file.") var targetSslCrl = ""

    mutating func validate() throws {
        try requireFlags([("target-db-user", targetDbUser?.isEmpty == false)])
        try checkPort(targetDbPort, flag: "target-db-port")
        if targetDbType == .yugabytedbAMP {
            throw ValidationError(
                "--target-db-type yugabytedb-amp does not support fall-back; Switchback migrates to "
                    + "yugabytedb"
            )
        }
        if NameList.names(in: targetDbSchema ?? "").count > 1 {
            throw ValidationError("--target-db-schema takes one schema name")
        }
    }

    var form: ConnectionForm {
        ConnectionForm(
            host: targetDbHost, port: targetDbPort ?? (targetDbType == .postgresql ? 5432 : 5433),
            database: targetDbName, user: targetDbUser ?? "",
            sslMode: targetSslMode.rawValue, sslCert: targetSslCert, sslKey: targetSslKey,
            sslRootCert: targetSslRootCert, sslCRL: targetSslCrl)
    }

    /// Returns the note that `--target-db-schema` has no effect. Throws if the flag names a schema that the
    /// tables will not be in.
    func schemaNotice(schemas: [String]) throws -> String? {
        guard let schema = NameList.names(in: targetDbSchema ?? "").first else { return nil }
        guard schemas.isEmpty || schemas.contains(where: { Identifier($0) == Identifier(schema) }) else {
            throw VerbFailure(
                "--target-db-schema \(schema) contradicts the migration: with a postgresql source the tables "
                    + "keep their schemas on the target (\(schemas.joined(separator: ", "))); leave the flag "
                    + "out")
        }
        return "Note: --target-db-schema is not used with a postgresql source; tables keep their schemas."
    }
}

/// Refuses a number that is not a port.
func checkPort(_ port: Int?, flag: String) throws {
    guard let port, !(1...65535).contains(port) else { return }
    throw ValidationError("--\(flag) \(port) is not a port; ports run from 1 to 65535")
}
