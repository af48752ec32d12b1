import Engine
import Postgres
import Records

/// The refresh of materialized views.
extension PostgresSide {
    func refreshViews(
        each line: (RefreshedView) throws -> Void, meanwhile proceed: () throws -> Void
    ) throws {
        let connection = try context.connectAlone(side, step: "views")
        let views = try connection.materializedViews(inSchemas: try context.record().schemas)
        let own = OwnTransaction(context: context, side: side)
        for view in views {
            try proceed()
            let began = monotonicSeconds()
            var failure: String?
            do {
                let doing = "refresh \(view)"
                try own.run(connection, doing: doing) {
                    _ = try connection.execute(
                        PostgresConnection.refreshing(view), doing: doing, meanwhile: proceed)
                }
            } catch let error as PostgresError where error.kind == .server && !error.isConnectionLoss {
                // Other sessions may hold a lock on the view; that is a failure of this view, too.
                failure = error.reason
            }
            try line(
                RefreshedView(name: view, seconds: monotonicSeconds() - began, failure: failure))
        }
    }
}
