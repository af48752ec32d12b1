import Records

/// A table whose changes are passed over for now, with the reason and the remedy. The changes stay in the
/// log. They are applied from where the table was set aside, once it is released.
package struct SetAsideTable: Sendable, Codable, Equatable {
    /// The cause for which a table is set aside, which decides when it is released.
    package enum Cause: String, Sendable, Codable {
        /// The destination does not fit what is announced. The table is released when it fits.
        case shape
        /// The destination has no partition for a row. The table is tried again when its partitions change.
        case partition
        /// Its rows were changed in a way that the stream does not announce. The operator's word releases the
        /// table.
        case unseen
    }

    package let table: QualifiedName
    package let leg: Int
    package var cause: Cause
    /// The reason as a sentence: what changed, on which side.
    package var reason: String
    /// SQL for the destination, or a sentence.
    package var remedy: String
    /// Seconds since 1970.
    package let since: Double
    /// Whether the operator says that it is mended. Apply then checks it once more.
    package var isRetryAsked = false
    /// Whether its changes are being applied again.
    package var isReleased = false
    /// The number of partitions that the destination had.
    package var partitions = 0

    /// The names under which journals of older versions have them.
    private enum CodingKeys: String, CodingKey {
        case table, leg, cause, reason, remedy, since, isRetryAsked, isReleased
        case partitions = "parts"
    }

    package init(
        table: QualifiedName, leg: Int, cause: Cause, reason: String, remedy: String, since: Double,
        partitions: Int = 0
    ) {
        self.table = table
        self.leg = leg
        self.cause = cause
        self.reason = reason
        self.remedy = remedy
        self.since = since
        self.partitions = partitions
    }

    /// Returns whether its changes can be applied again.
    ///
    /// - Parameters:
    ///   - found: the differences that it has now
    ///   - partitions: how many partitions the destination has; nil if it lacks the table
    func isOver(_ found: [SchemaDifference], partitions: Int?) -> Bool {
        let isHard = found.contains(where: \.isHard)
        return switch cause {
        case .shape: isRetryAsked ? !isHard : found.isEmpty
        case .partition: (isRetryAsked || partitions != self.partitions) && !isHard
        case .unseen: isRetryAsked && !isHard
        }
    }
}

/// A table that the operator has removed from the migration. Its changes are counted and not applied, and no
/// cutover compares it.
package struct ExcludedTable: Sendable, Codable, Equatable {
    package let table: QualifiedName
    package let reason: String
    package let by: String
    package let at: Double
}

/// A table that was created on the origin after the start. Nothing of it is migrated.
package struct NewTable: Sendable, Codable, Equatable {
    package let table: QualifiedName
    package let leg: Int
    package let since: Double
}

extension RoleContext {
    /// Sets a table aside and logs it. The record is durable before the first change of the table is passed
    /// over. Nothing of the table counts as proved any more.
    func setAside(_ table: SetAsideTable, origin: String) throws {
        try update { record, transaction in
            guard record.setAside(table) else { return }
            try RowProof.lapse(table.table, leg: table.leg, transaction)
            try transaction.log(
                .error, origin,
                "\(table.table) is set aside: \(table.reason). To mend it: \(table.remedy). Its changes stay "
                    + "in the log, and other tables continue; exclude it with `switchback exclude table` if "
                    + "it is not needed")
        }
    }
}
