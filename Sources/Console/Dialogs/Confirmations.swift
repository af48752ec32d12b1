import Engine
import Records

extension TypedConfirmation {
    static func cutover(_ options: CutoverOptions, _ status: MigrationStatus, plan: [PlanLine])
        -> TypedConfirmation
    {
        let from = options.to.other
        let way =
            options.to == .target
            ? (options.prepareForFallBack
                ? "After the release, only a cutover to the source undoes it; this cutover prepares the "
                    + "fall-back."
                : "No fall-back is prepared: after the release this CANNOT be undone.")
            : "After the release the application writes to the source again."
        let unread = plan.count { $0.kind == .unread }
        let unknown = unread == 0 ? "" : ", and the statements of \(unread) are not known yet"
        let waived = options.waivers.map { "Waived: \($0.gate.rawValue) (\($0.reason))." }
        return TypedConfirmation(
            title: "CUT OVER \(status.name) TO \(options.to.rawValue.uppercased())",
            lines: [
                "Writes to the \(from.rawValue.uppercased()) \(status.place(of: from)) stop.",
                "Plan \(PlanHash(plan)) has \(counted(plan.count, "line")); "
                    + "\(plan.count { $0.undo == nil }) of them cannot be undone" + unknown + ".",
                "Until the release, A aborts and undoes everything. \(way)",
            ] + waived + [""],
            name: status.name, go: "Cut over")
    }

    static func release(_ cutover: CutoverStatus, _ status: MigrationStatus) -> TypedConfirmation {
        TypedConfirmation(
            title: "RELEASE THE APPLICATION OF \(status.name)",
            lines: [
                "The application continues on the \(cutover.to.rawValue.uppercased()) "
                    + "\(status.place(of: cutover.to)).",
                "This ends the cutover: A can no longer abort it.",
                "",
            ],
            name: status.name, go: "Release")
    }

    /// Asks for the table's name; for the migration's, if some keyboards cannot type the table's.
    static func exclude(_ table: TableStatus, of status: MigrationStatus) -> TypedConfirmation {
        let name = table.name.description
        let isTypable = name.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) }
        return TypedConfirmation(
            title: "EXCLUDE \(name)",
            lines: [
                "Its changes are no longer applied, no cutover compares it, and it is not streamed back.",
                "This CANNOT be undone: the table stays out of this migration.",
            ]
                + (isTypable
                    ? []
                    : ["The table's name cannot be typed on every keyboard, so the migration's is asked."])
                + [""],
            name: isTypable ? name : status.name, go: "Exclude")
    }

    static func end(_ status: MigrationStatus) -> TypedConfirmation {
        TypedConfirmation(
            title: "END THE MIGRATION \(status.name)",
            lines: [
                "Everything that Switchback set up on both databases is removed, and the migration cannot "
                    + "continue.",
                "SOURCE \(status.place(of: .source)), TARGET \(status.place(of: .target)).",
                "This CANNOT be undone.",
                "",
            ],
            name: status.name, go: "End it")
    }
}
