/// The kinds of objects that an import takes, by the lists of the verb's flags.
package struct ObjectTypeChoice: Codable, Equatable, Sendable {
    /// The only kinds to import; empty for all. Schemas are always imported.
    package var include: [SchemaObjectType]
    /// The kinds to exclude.
    package var exclude: [SchemaObjectType]
    /// Imports the kinds in the order of `include`.
    package var straightOrder: Bool

    package init(include: [SchemaObjectType], exclude: [SchemaObjectType], straightOrder: Bool) {
        self.include = include
        self.exclude = exclude
        self.straightOrder = straightOrder
    }
}

extension SchemaObjectType {
    /// A word of a list that names no kind.
    package struct UnknownType: Error, Equatable {
        package let word: String
    }

    /// Reads a list of kinds, separated by commas, in any case.
    package static func list(_ text: String) throws(UnknownType) -> [SchemaObjectType] {
        var types: [SchemaObjectType] = []
        for part in text.split(separator: ",") {
            let word = part.split(separator: " ").joined(separator: " ").uppercased()
            let name = word == "MATERIALIZED VIEW" ? SchemaObjectType.materializedView.rawValue : word
            guard let type = SchemaObjectType(rawValue: name) else { throw UnknownType(word: String(part)) }
            types.append(type)
        }
        return types
    }
}
