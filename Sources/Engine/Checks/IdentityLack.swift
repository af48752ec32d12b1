import Postgres
import Records

extension RequestRefused {
    /// Why tables are not published, each with what mends it.
    ///
    /// - Parameter side: where they are
    init(_ lacks: [TableIdentity.Lack], on side: Side) {
        self.init(
            lacks.map {
                "\($0.name) on the \(side.rawValue) has a replica identity of \($0.found); \($0.remedy)"
            }
            .joined(separator: "\n") + "\nMend it, or leave the table out")
    }
}
