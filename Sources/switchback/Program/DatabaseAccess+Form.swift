import Engine
import Postgres

extension ConnectionForm {
    /// Returns the access to the database, nil if the form is not complete.
    func access(password: String?) -> DatabaseAccess? {
        guard isComplete else { return nil }
        return DatabaseAccess(parameters: parameters, password: password)
    }

    /// The database's name in questions and messages.
    var place: String { "\(user)@\(host):\(port)/\(database)" }

    /// Returns the access to the source, with the password from the flag, the environment or the operator.
    func sourceAccess(passwordFlag: String?) throws -> DatabaseAccess? {
        try access(passwordFlag, side: "source")
    }

    /// Returns the access to the target, with the password from the flag, the environment or the operator.
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
