import Records

/// The decision what a sequence of the destination is set to at a cutover. A value without I/O.
///
/// A sequence never goes back: it would give values again that may be keys of rows. Only a sequence that
/// cycles goes back, because a lower value of it is not an earlier one.
enum SequenceSetting: Sendable, Equatable {
    /// - Parameter goesBack: whether it cycles, and its own value was beyond this one.
    case set(SequenceValue, goesBack: Bool)
    /// - Parameter isFurther: whether its own value is beyond the origin's.
    case keep(isFurther: Bool)
    /// It cannot be set to the origin's value.
    case refused(cause: String, remedy: String)

    /// - Parameters:
    ///   - origins: the values of the origin's sequences that match it
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
                    "alter sequence \(present.name.quoted) increment by \(other.definition?.increment ?? 1), "
                    + "with the bounds that \(other.name) has")
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
                    "it runs from \(own.minimum) to \(own.maximum), and \(wanted.name) is at "
                    + "\(wanted.lastValue)",
                remedy:
                    "alter sequence \(present.name.quoted) as bigint \(bound) \(limit ?? wanted.lastValue), "
                    + "and give its column a type with such values")
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

    /// Whether a value is beyond another in the sequence's direction. If two values are equal, one that was
    /// given out is beyond one that is still to be given.
    private static func isFurther(_ left: SequenceValue, than right: SequenceValue, _ descends: Bool) -> Bool
    {
        guard left.lastValue == right.lastValue else {
            return descends ? left.lastValue < right.lastValue : left.lastValue > right.lastValue
        }
        return left.isCalled && !right.isCalled
    }
}
