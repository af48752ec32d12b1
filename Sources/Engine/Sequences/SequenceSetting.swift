import Postgres
import Records

/// What becomes of a sequence of the destination at a cutover. A value that decides.
///
/// A sequence never goes back: values that the destination gave out before could come again, and be somebody's keys. Only
/// one that cycles does, for there lower does not mean earlier.
enum SequenceSetting: Sendable, Equatable {
    /// - Parameter goesBack: it cycles, and was further on than this.
    case set(SequenceValue, goesBack: Bool)
    /// - Parameter isFurther: it is further on than the origin, and not level with it.
    case keep(isFurther: Bool)
    /// It cannot follow the origin.
    case refused(cause: String, remedy: String)

    /// - Parameters:
    ///   - origins: the values of the sequences that it stands for
    ///   - present: its own value, with its definition
    init(_ origins: [SequenceValue], at present: SequenceValue) {
        guard let own = present.definition, let first = origins.first else {
            self = .keep(isFurther: false)
            return
        }
        let descends = own.isDescending
        if let other = origins.first(where: { ($0.definition?.isDescending ?? descends) != descends }) {
            self = .refused(
                cause: "it counts the other way than \(other.name)",
                remedy:
                    "alter sequence \(present.name.quoted) increment by \(other.definition?.increment ?? 1), with the bounds that "
                    + "\(other.name) has")
            return
        }
        let wanted = origins.dropFirst().reduce(first) {
            Self.isFurther($1, than: $0, descends) ? $1 : $0
        }
        let cycles = own.cycles || origins.contains { $0.definition?.cycles ?? false }
        let goesBack = Self.isFurther(present, than: wanted, descends)
        if !cycles, !Self.isFurther(wanted, than: present, descends) {
            self = .keep(isFurther: goesBack)
            return
        }
        guard (own.minimum...own.maximum).contains(wanted.lastValue) else {
            let bound = descends ? "minvalue" : "maxvalue"
            let limit = descends ? wanted.definition?.minimum : wanted.definition?.maximum
            self = .refused(
                cause:
                    "it runs from \(own.minimum) to \(own.maximum), and \(wanted.name) is at \(wanted.lastValue)",
                remedy:
                    "alter sequence \(present.name.quoted) as bigint \(bound) \(limit ?? wanted.lastValue), and give its column a "
                    + "type that holds such values")
            return
        }
        if wanted.lastValue == present.lastValue, wanted.isCalled == present.isCalled {
            self = .keep(isFurther: false)
        } else {
            self = .set(
                SequenceValue(
                    name: present.name, lastValue: wanted.lastValue, isCalled: wanted.isCalled,
                    definition: own), goesBack: goesBack)
        }
    }

    /// Whether a value lies beyond another in the sequence's direction; one that was given out lies beyond one that is next.
    private static func isFurther(_ left: SequenceValue, than right: SequenceValue, _ descends: Bool) -> Bool
    {
        guard left.lastValue == right.lastValue else {
            return descends ? left.lastValue < right.lastValue : left.lastValue > right.lastValue
        }
        return left.isCalled && !right.isCalled
    }
}
