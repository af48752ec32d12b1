import Records

/// A session that looks who writes to tables of an origin, also in transactions that are over at once. It
/// connects at its first use, and again after an error. It stays on the thread that uses it.
package protocol WriterSampler: AnyObject {
    /// Reads the statements that sessions of others run or have run last, and how much was written.
    ///
    /// - Parameter since: time of the server before which a statement began that is not wanted; nil for all
    func sample(_ tables: [QualifiedName], since: Double?) throws -> WriterSample
}

/// What a look at the sessions of an origin has seen.
package struct WriterSample: Sendable, Equatable {
    /// The last statement of a session.
    package struct Statement: Sendable, Equatable {
        /// What its text says about the tables.
        package enum Effect: Sendable, Equatable {
            case writes(QualifiedName)
            /// It may: the text does not show it, as that of a function.
            case unknown
            case reads
        }

        package var processID: String
        package var user: String
        package var application: String
        /// Time at which the session began, as `OpenWriter.sessionStart` has it.
        package var sessionStart: String?
        package var state: String?
        /// Time at which the statement began, by the server's clock.
        package var beganAt: Double
        package var effect: Effect

        package init(
            processID: String, user: String, application: String, sessionStart: String?, state: String?,
            beganAt: Double, effect: Effect
        ) {
            self.processID = processID
            self.user = user
            self.application = application
            self.sessionStart = sessionStart
            self.state = state
            self.beganAt = beganAt
            self.effect = effect
        }
    }

    /// Time of the look, by the server's clock.
    package var at: Double
    package var statements: [Statement]
    /// Number of rows that were ever written, by table. It may be a second old.
    package var written: [QualifiedName: Int64]

    package init(at: Double, statements: [Statement], written: [QualifiedName: Int64]) {
        self.at = at
        self.statements = statements
        self.written = written
    }
}
