import Engine
import Postgres

extension ApplyInterruption {
    init(_ failure: WindowFailure) {
        self = .windowRefused(
            through: failure.through, table: failure.error.sqlState == "23505" ? failure.error.table : nil)
    }
}
