import Records

extension QualifiedName {
    /// Reads `schema.name` as `description` prints it; a dot in a schema's name is not foreseen.
    init(_ description: String) {
        let parts = description.split(separator: ".", maxSplits: 1).map(String.init)
        self.init(schema: parts.first ?? "", name: parts.count > 1 ? parts[1] : "")
    }
}
