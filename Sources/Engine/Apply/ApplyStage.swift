import Records

/// A stretch of the log that is applied in one way, over one set of connections.
package struct ApplyStage {
    /// The way in which the stretch is applied.
    package enum Kind: Equatable {
        /// Row by row: a change that cannot be folded, or a window that was refused.
        case rows
        /// Change by change: one of them cannot be applied.
        case changes
        /// One window over all channels, until they are level. A change is applied only if its channel does
        /// not have it.
        case levelling
        /// Windows in one channel.
        case transactional
        /// Windows in several channels at once.
        case parallel
    }

    package let kind: Kind
    /// The stage ends when everything up to here is applied; nil if nothing ends it.
    let through: LogPosition?
    /// Bounds of a destination transaction, unless one source transaction is larger.
    let changesMax: Int
    let bytesMax: Int
    let batchSeconds: Double

    private static let windowChangesMax = 150_000
    private static let windowBytesMax = 16 << 20
    private static let rowBatchChangesMax = 2000
    private static let rowBatchBytesMax = 4 << 20
    private static let batchSeconds = 0.5
    /// Levelling folds as much as it can into one window. In between, a row that one channel has already may
    /// have a unique value that another channel has not freed yet.
    private static let levellingChangesMax = 100_000
    private static let levellingSeconds = 10.0
    /// Rows go back to windows after this many changes that fold, or when the log has been at its end for
    /// this long. Each way of applying needs new connections.
    private static let rowsLingerChanges = 20_000
    private static let rowsLingerSeconds = 1.0

    init(
        _ channels: OpenChannels, rowsThrough: LogPosition, changesThrough: LogPosition = .zero,
        bounds: ApplyBounds = ApplyBounds()
    ) {
        if channels.lowest < changesThrough {
            kind = .changes
            through = changesThrough
            // Every source transaction is committed by itself.
            (changesMax, bytesMax) = (0, Self.rowBatchBytesMax)
            batchSeconds = Self.batchSeconds
        } else if channels.lowest < rowsThrough {
            kind = .rows
            through = rowsThrough
            (changesMax, bytesMax) = (Self.rowBatchChangesMax, Self.rowBatchBytesMax)
            batchSeconds = Self.batchSeconds
        } else if !channels.isLevel {
            kind = .levelling
            through = channels.highest
            (changesMax, bytesMax) = (Self.levellingChangesMax, Self.windowBytesMax)
            batchSeconds = Self.levellingSeconds
        } else {
            kind = channels.plan.channels.count > 1 ? .parallel : .transactional
            through = nil
            changesMax = bounds.changesMax ?? Self.windowChangesMax
            bytesMax = bounds.bytesMax ?? Self.windowBytesMax
            batchSeconds = bounds.seconds ?? Self.batchSeconds
        }
    }

    /// Whether the stage is over when everything up to `lsn` is applied or sent. Rows that were needed for
    /// changes that do not fold stay a little longer, because more of that kind are likely.
    func isOver(at lsn: LogPosition, _ rows: RowsSoFar?) -> Bool {
        guard let through, lsn >= through else { return false }
        guard let rows else { return true }
        return rows.foldableChanges >= Self.rowsLingerChanges || rows.idleSeconds >= Self.rowsLingerSeconds
    }

    /// The facts that decide how long rows stay.
    struct RowsSoFar {
        /// Changes since the last one that does not fold.
        let foldableChanges: Int
        /// Time for which the log has been at its end.
        let idleSeconds: Double
    }

    /// Whether a window must end with this transaction.
    func endsWindow(at lsn: LogPosition) -> Bool { kind == .levelling && through.map { lsn >= $0 } ?? false }
}

/// The operator's bounds of a transaction that applies changes in windows; nil for the usual ones. A source
/// transaction that is larger is still applied in one.
package struct ApplyBounds: Sendable, Equatable {
    package var changesMax: Int?
    package var bytesMax: Int?
    /// Age of the oldest change at which the transaction is committed.
    package var seconds: Double?

    package init(changesMax: Int? = nil, bytesMax: Int? = nil, seconds: Double? = nil) {
        self.changesMax = changesMax
        self.bytesMax = bytesMax
        self.seconds = seconds
    }
}
