import Records

/// Row counts and checksums of tables, each as `rows:checksum`. A checksum does not depend on the order of
/// the rows.
package enum TableChecksums {
    /// The tables whose counts or checksums differ, each with what was found.
    package static func differences(_ origin: [QualifiedName: String], _ destination: [QualifiedName: String])
        -> [String]
    {
        origin.keys.sorted().compactMap { table in
            guard origin[table] != destination[table] else { return nil }
            let (left, right) = (rows(origin[table]), rows(destination[table]))
            return left == right
                ? "\(table) (\(left) rows on both, values differ)" : "\(table) (\(left) rows, \(right) rows)"
        }
    }

    private static func rows(_ entry: String?) -> String {
        entry?.split(separator: ":").first.map(String.init) ?? "no"
    }
}
