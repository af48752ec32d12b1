import Engine
import Postgres

extension ConnectionForm {
    /// The way to the database for the engine, nil where the form was not filled in yet.
    func access(password: String?) -> DatabaseAccess? {
        guard isComplete else { return nil }
        return DatabaseAccess(parameters: parameters, password: password)
    }

    /// The place as questions and messages name it.
    var place: String { "\(user)@\(host):\(port)/\(database)" }

    /// The way to the source, its password from the flag, the environment or the operator.
    func sourceAccess(passwordFlag: String?) throws -> DatabaseAccess? {
        try access(passwordFlag, side: "source")
    }

    /// The way to the target, its password from the flag, the environment or the operator.
    func targetAccess(passwordFlag: String?) throws -> DatabaseAccess? {
        try access(passwordFlag, side: "target")
    }

    private func access(_ flag: String?, side: String) throws -> DatabaseAccess? {
        guard isComplete else { return nil }
        return try StopRequests.whileAsking {
            access(
                password: try PasswordSource.password(flag: flag, side: side, whose: "the \(side) \(place)"))
        }
    }
}
