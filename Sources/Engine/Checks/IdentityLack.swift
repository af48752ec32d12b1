import Records

extension RequestRefused {
    /// Makes the refusal to publish tables, each with its remedy.
    ///
    /// - Parameter side: the side that has the tables
    package init(_ lacks: [TableIdentity.Lack], on side: Side) {
        self.init(
            lacks.map {
                "\($0.name) on the \(side.rawValue) has a replica identity of \($0.found); \($0.remedy)"
            }
            .joined(separator: "\n") + "\nMend it, or exclude the table")
    }
}
