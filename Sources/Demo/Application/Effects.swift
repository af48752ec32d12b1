/// The amounts that a transaction added to counters: `stock.17:-3 rows.order:1`. The sum over the
/// transactions in the ledger must equal the database's counters; a lost or doubled change makes them differ.
package struct Effects: Sendable, Equatable, CustomStringConvertible {
    package private(set) var amounts: [String: Int64] = [:]

    package init() {}

    package init?(_ text: some StringProtocol) {
        for part in text.split(separator: " ") {
            guard let colon = part.lastIndex(of: ":"), let amount = Int64(part[part.index(after: colon)...])
            else { return nil }
            add(amount, to: String(part[..<colon]))
        }
    }

    package mutating func add(_ amount: Int64, to counter: String) {
        amounts[counter, default: 0] += amount
    }

    package mutating func addRows(_ rows: Int, to table: String) {
        if rows != 0 { add(Int64(rows), to: "rows.\(table)") }
    }

    package mutating func add(_ other: Effects) {
        amounts.merge(other.amounts, uniquingKeysWith: +)
    }

    package var description: String {
        amounts.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: " ")
    }
}
