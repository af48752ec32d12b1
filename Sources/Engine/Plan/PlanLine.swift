import Records

/// One statement of a request, or the same statement for several objects, or an action that is no SQL. It is
/// shown before the request is performed.
package struct PlanLine: Sendable, Codable, Equatable {
    /// The nature of its text.
    package enum Kind: String, Sendable, Codable {
        case statement
        case sentence
        /// The statements are not known, because no process has read the database lately. No line of this
        /// kind is compared when the request is performed.
        case unread
    }

    package let side: Side?
    /// SQL text, or a sentence for what is no SQL.
    package let action: String
    /// What undoes it; nil if nothing can.
    package let undo: String?
    package var kind = Kind.statement
    /// The step that it belongs to, as the operator reads it; empty if the request has no steps.
    package var step = ""
    /// The same statement for the other objects, in order.
    package var more: [String] = []
    /// What the statements are made for, such as `14 tables`; empty for one.
    package var count = ""
    /// What the parameters of the statement are, in words; empty if it has none.
    package var parameters = ""

    package init(side: Side?, action: String, undo: String?) {
        self.side = side
        self.action = action
        self.undo = undo
    }

    /// An action that is no SQL.
    package static func sentence(
        _ side: Side?, _ action: String, undo: String?, step: String = ""
    ) -> PlanLine {
        var line = PlanLine(side: side, action: action, undo: undo)
        line.kind = .sentence
        line.step = step
        return line
    }

    /// Statements that are not known.
    package static func unread(_ side: Side, _ step: String, reason: String) -> PlanLine {
        var line = PlanLine(
            side: side, action: "its statements are not known: \(reason)", undo: "see them first")
        line.kind = .unread
        line.step = step
        return line
    }

    /// Statements as a port has described them.
    package init(_ side: Side, _ planned: PlannedStatement, step: String = "") {
        let undo: String? =
            switch planned.undo {
            case .statements(let texts): texts.joined(separator: ";\n")
            case .reads: "nothing: it only reads"
            case .notNeeded(let reason): "nothing: \(reason)"
            case .impossible: nil
            }
        self.init(side: side, action: planned.texts.first ?? "", undo: undo)
        kind = planned.isSQL ? .statement : .sentence
        self.step = step
        more = Array(planned.texts.dropFirst())
        count = planned.count
        parameters = planned.parameters
    }

    /// All texts in the order in which they run.
    package var texts: [String] { [action] + more }
}
