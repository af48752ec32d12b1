import Records

/// The patterns of one list of tables, read once. A name without wildcards is found by its text, so that
/// lists of thousands of names stay fast.
package struct TableListMatcher: Sendable {
    /// The patterns without wildcards, by the name of their table in lower case.
    private var plain: [String: [NamePattern]] = [:]
    private var others: [NamePattern] = []

    package init(_ globs: [String]) {
        for glob in globs {
            let pattern = NamePattern(glob)
            if let name = pattern.plainName {
                plain[name, default: []].append(pattern)
            } else {
                others.append(pattern)
            }
        }
    }

    package func matches(_ name: QualifiedName) -> Bool {
        plain[NamePattern.lower(name.name)]?.contains { $0.matches(name) } == true
            || others.contains { $0.matches(name) }
    }
}
