import Engine
import Postgres
import Records

/// The sessions of others on a side.
extension PostgresSide {
    func end(_ session: SessionEnd) throws -> SessionEnd.Outcome {
        let connection = try context.connect(side, as: "end session")
        let isSignalled = try connection.endSession(
            session.processID, startedAt: session.startedAt, cancelsOnly: session.mode == .cancel)
        switch isSignalled {
        case true?: return .done
        // The process ended between the check and the signal.
        case false?, nil: return .gone
        }
    }
}
