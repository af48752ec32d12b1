import Records

/// The comparison of the objects that both databases must have. It matches objects by table and definition,
/// then by table and name. A value without I/O.
package struct CatalogComparison: Sendable, Equatable {
    /// An object that one side lacks, or that differs.
    package enum Difference: Sendable, Equatable {
        /// The destination lacks an object of the origin.
        case missing(CatalogObject)
        /// Only the destination has it.
        case extra(CatalogObject)
        case different(origin: CatalogObject, destination: CatalogObject)

        /// The object, as the origin describes it if it has it.
        package var object: CatalogObject {
            switch self {
            case .missing(let object), .extra(let object), .different(let object, _): object
            }
        }

        /// The definition on the origin; nil if it is not there.
        var onOrigin: String? {
            switch self {
            case .missing(let object), .different(let object, _): object.definition
            case .extra: nil
            }
        }

        var onDestination: String? {
            switch self {
            case .extra(let object), .different(_, let object): object.definition
            case .missing: nil
            }
        }

        /// `index v_idx on public.item is missing on the target`
        package func words(_ direction: Direction) -> String {
            let there = direction.destination.rawValue
            return switch self {
            case .missing(let object): "\(object.words) is missing on the \(there)"
            case .extra(let object): "\(object.words) is on the \(there) only"
            case .different(let origin, let destination):
                "\(origin.words) differs: \(Self.shown(origin, beside: destination)) on the "
                    + "\(direction.origin.rawValue), "
                    + "\(Self.shown(destination, beside: origin)) on the \(there)"
            }
        }

        /// Characters of two definitions that are shown whole. Of longer ones only what differs is.
        private static let wholeCharactersMax = 160

        /// The definition on one line. If only blanks distinguish the two, its line ends are escapes.
        private static func shown(_ object: CatalogObject, beside other: CatalogObject) -> String {
            let (own, theirs) = (joined(object.definition), joined(other.definition))
            guard own != theirs else { return ShownName.onOneLine(object.definition) }
            let isShort = own.count + theirs.count <= wholeCharactersMax
            return ShownName.onOneLine(isShort ? own : differingPart(of: own, beside: theirs))
        }

        /// Returns a text without the words with which it begins and ends like the other one.
        private static func differingPart(of own: String, beside other: String) -> String {
            let (mine, theirs) = (own.split(separator: " "), other.split(separator: " "))
            let head = zip(mine, theirs).prefix { $0 == $1 }.count
            let rest = min(mine.count, theirs.count) - head
            let tail = zip(mine.reversed(), theirs.reversed()).prefix(rest).prefix { $0 == $1 }.count
            let part = mine[head..<(mine.count - tail)]
            guard !part.isEmpty else { return "(nothing)" }
            return (head > 0 ? "… " : "") + part.joined(separator: " ") + (tail > 0 ? " …" : "")
        }

        private static func joined(_ definition: String) -> String {
            definition.split(whereSeparator: \.isNewline)
                .map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(separator: " ")
        }
    }

    package let differences: [Difference]

    package init(origin: [CatalogObject], destination: [CatalogObject]) {
        /// What makes two objects equal.
        struct Match: Hashable {
            let kind: CatalogObject.Kind
            let table: QualifiedName
            let text: String
            /// Views, columns and triggers are known by their names; indexes and constraints are not.
            let name: String
        }
        func match(_ object: CatalogObject) -> Match {
            let isNamed =
                switch object.kind {
                case .index, .constraint: false
                case .notNull, .trigger, .rule, .view, .defaultValue: true
                }
            return Match(
                kind: object.kind, table: object.table, text: object.definition,
                name: isNamed ? object.name : "")
        }
        var there = Dictionary(grouping: destination, by: match)
        var unmatched: [CatalogObject] = []
        for object in origin {
            let key = match(object)
            if there[key]?.isEmpty == false { there[key]?.removeLast() } else { unmatched.append(object) }
        }
        /// What two objects that differ have in common.
        struct Name: Hashable {
            let kind: CatalogObject.Kind
            let table: QualifiedName
            let name: String
        }
        func name(_ object: CatalogObject) -> Name {
            Name(kind: object.kind, table: object.table, name: object.name)
        }
        var rest: [Name: CatalogObject] = [:]
        for object in there.values.flatMap(\.self) { rest[name(object)] = object }
        var found = unmatched.map { object in
            rest.removeValue(forKey: name(object)).map {
                Difference.different(origin: object, destination: $0)
            } ?? .missing(object)
        }
        found += rest.values.map { .extra($0) }
        differences = found.sorted { left, right in
            (left.object.table, left.object.words) < (right.object.table, right.object.words)
        }
    }
}

/// A difference between the catalogs that the operator accepts: it stays accepted while both definitions stay
/// as they are.
package struct AcceptedDifference: Sendable, Codable, Equatable {
    /// The object in words, as the gate lists it.
    package var object: String
    /// The definition on the source; nil if it is not there.
    package var onSource: String?
    package var onTarget: String?
    package var reason: String
    package var by: String
    /// Seconds since 1970.
    package var at: Double

    package init(
        _ difference: CatalogComparison.Difference, _ direction: Direction, reason: String, by: String,
        at: Double
    ) {
        object = difference.object.words
        let (here, there) = (difference.onOrigin, difference.onDestination)
        (onSource, onTarget) = direction == .forward ? (here, there) : (there, here)
        self.reason = reason
        self.by = by
        self.at = at
    }

    /// Whether this is the difference that was accepted.
    func covers(_ difference: CatalogComparison.Difference, _ direction: Direction) -> Bool {
        let other = AcceptedDifference(difference, direction, reason: "", by: "", at: 0)
        return other.object == object && other.onSource == onSource && other.onTarget == onTarget
    }
}
