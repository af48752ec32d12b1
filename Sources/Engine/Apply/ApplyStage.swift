import Records

/// A stretch of applying that is done in one way, on one set of connections.
struct ApplyStage {
    enum Kind: Equatable {
        /// Row by row, what does not fold or was refused.
        case rows
        /// Change by change, where one of them cannot be applied.
        case changes
        /// One window over all channels, each change only where its channel has not got it, until they are level.
        case levelling
        case channels
    }

    let kind: Kind
    /// It ends when everything up to here is applied; nil where nothing ends it.
    let through: LSN?
    /// A destination transaction holds at most about as much, unless one source transaction is larger.
    let changesMax: Int
    let bytesMax: Int
    let batchSeconds: Double

    private static let windowChangesMax = 150_000
    private static let windowBytesMax = 16 << 20
    private static let rowBatchChangesMax = 2000
    private static let rowBatchBytesMax = 4 << 20
    private static let batchSeconds = 0.5
    /// Levelling folds all it can into one window: of the states in between, what one channel had already may have no room for
    /// what another had not.
    private static let levellingChangesMax = 100_000
    private static let levellingSeconds = 10.0
    /// Back from rows to windows after as many changes that would fold, or when the log has been at its end for as long:
    /// each change of the way costs connections.
    private static let rowsLingerChanges = 20_000
    private static let rowsLingerSeconds = 1.0

    init(_ channels: OpenChannels, rowsThrough: LSN, carefulThrough: LSN = .zero) {
        if channels.lowest < carefulThrough {
            kind = .changes
            through = carefulThrough
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
            kind = .channels
            through = nil
            (changesMax, bytesMax) = (Self.windowChangesMax, Self.windowBytesMax)
            batchSeconds = Self.batchSeconds
        }
    }

    /// Whether it is over where everything up to `lsn` is applied or sent. Rows that came of changes that do not fold stay
    /// a little longer, for more of their kind.
    func isOver(at lsn: LSN, _ rows: RowsSoFar?) -> Bool {
        guard let through, lsn >= through else { return false }
        guard let rows else { return true }
        return rows.foldableChanges >= Self.rowsLingerChanges || rows.idleSeconds >= Self.rowsLingerSeconds
    }

    /// What decides how long rows stay.
    struct RowsSoFar {
        /// Since the last one that does not fold.
        let foldableChanges: Int
        /// For how long the log has been at its end.
        let idleSeconds: Double
    }

    /// Whether a window must end with this transaction.
    func endsWindow(at lsn: LSN) -> Bool { kind == .levelling && through.map { lsn >= $0 } ?? false }
}
