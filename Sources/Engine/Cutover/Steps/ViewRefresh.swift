import Records

/// The step that refreshes the materialized views of the destination, which no stream carries. A view that
/// cannot be refreshed is named, and does not undo the cutover: its rows are the old ones, and those of the
/// tables are right.
struct ViewRefresh {
    let context: RoleContext
    let side: Side
    let open: OpenCutover

    /// Number of views that the step's result names.
    private static let namedMax = 10

    func refresh(_ database: any ComparedDatabase) throws -> String {
        var done: [RefreshedView] = []
        try database.refreshViews {
            done.append($0)
            report($0)
            try open.note(.refreshViews, Self.words(done))
        } meanwhile: {
            try open.checkAbort()
        }
        return done.isEmpty ? "no materialized view" : Self.words(done)
    }

    private func report(_ view: RefreshedView) {
        guard let failure = view.failure else { return }
        context.log(
            .warning, "cutover",
            "materialized view \(view.name) on the \(side.rawValue) has its old rows: \(failure); mend the "
                + "cause, then run: refresh materialized view \(view.name.quoted)")
    }

    static func words(_ views: [RefreshedView]) -> String {
        let refreshed = views.filter { $0.failure == nil }
        let failed = views.filter { $0.failure != nil }
        func seconds(_ view: RefreshedView) -> String { "\(Int((view.seconds * 1000).rounded())) ms" }
        let done = refreshed.map { "\($0.name) \(seconds($0))" }.listed(max: namedMax)
        let lost = failed.map { "\($0.name): \($0.failure ?? "")" }.listed(max: namedMax)
        return "\(counted(refreshed.count, "materialized view")) refreshed"
            + (done.isEmpty ? "" : ": \(done)")
            + (lost.isEmpty ? "" : "; not refreshed: \(lost)")
    }
}
