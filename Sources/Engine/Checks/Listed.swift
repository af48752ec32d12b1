/// The first few names, and how many more there are.
func listed(_ names: [String], max: Int = 5) -> String {
    names.prefix(max).joined(separator: ", ") + (names.count > max ? " and \(names.count - max) more" : "")
}
