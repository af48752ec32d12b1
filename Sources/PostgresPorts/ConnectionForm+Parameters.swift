import Engine
import Postgres

extension ConnectionForm {
    /// The form's values as connection parameters.
    package var parameters: ConnectionParameters {
        ConnectionParameters(
            host: host, port: port, database: database, user: user, sslMode: sslMode, sslCert: sslCert,
            sslKey: sslKey, sslRootCert: sslRootCert, sslCRL: sslCRL)
    }
}
