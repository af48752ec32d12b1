import Records

extension MigrationStatus {
    /// The copy of the rows, as far as both roles have come; empty outside of the snapshot. The total is the
    /// estimate of the source's statistics, and the rate that since the start.
    package var snapshotWork: [WorkProgress] {
        guard phase == .snapshot, let startedAt, !tables.isEmpty else { return [] }
        func work(
            _ kind: WorkProgress.Kind, _ side: Side, _ rows: (TableStatus) -> Int64,
            _ isDone: (TableStatus) -> Bool
        ) -> WorkProgress {
            let total = tables.reduce(Int64(0)) { sum, table in
                // The estimate of a table that is done, or has more rows, was wrong.
                sum + (isDone(table) ? rows(table) : max(table.rowsEstimate, rows(table)))
            }
            let open = tables.first { !isDone($0) && rows($0) > 0 } ?? tables.first { !isDone($0) }
            return WorkProgress(
                kind, on: side, .rows, done: tables.reduce(0) { $0 + rows($1) }, of: total,
                detail: open?.name.description ?? "", startedAt: startedAt, updatedAt: readAt)
        }
        return [
            work(.snapshotExport, .source, { $0.exportedRows }, { $0.snapshotIsExported }),
            work(.snapshotImport, .target, { $0.importedRows }, { $0.snapshotIsImported }),
        ]
    }

    /// The work of a kind that is under way on a side; nil if there is none.
    package func progress(of kind: WorkProgress.Kind, on side: Side) -> WorkProgress? {
        work.first { $0.kind == kind && $0.side == side }
    }

    /// Adds to the running step of a cutover how far its work is.
    package mutating func addStepProgress() {
        for index in cutovers.indices {
            for step in cutovers[index].steps.indices where cutovers[index].steps[step].state == .running {
                let side: Side? =
                    switch cutovers[index].steps[step].step {
                    case .checksumOrigin: cutovers[index].to.other
                    case .checksumDestination: cutovers[index].to
                    case .readFacts, .gates, .prepareOrigin, .fence, .quiesce, .suspendOrigin, .barrier,
                        .drain, .readSequences, .setSequences, .refreshViews, .fallBackSlot, .approval,
                        .quietProof,
                        .restoreDestination, .openDestination, .release, nil:
                        nil
                    }
                cutovers[index].steps[step].progress = side.flatMap { progress(of: .verification, on: $0) }
            }
        }
    }
}
