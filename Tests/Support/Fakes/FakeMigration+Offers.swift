import Engine
import Records

extension FakeMigration {
    /// Tables of a source, among them one that cannot be streamed and one that is no table to migrate.
    package static let someOffers: [OfferedTable] = [
        offer("customer", 1_204_000, 310_000_000, "key id"),
        offer("invoice", 88_000, 24_000_000, "key id", parents: ["customer"]),
        offer("item", 4_500, 900_000, "key id"),
        offer("item_history", 31_000_000, 9_400_000_000, "key id, at", partitions: 24, parents: ["item"]),
        offer("kind, old", 4_500, 600_000, "whole old rows", parents: ["item"]),
        offer(
            "log", 600_000, 120_000_000, "no key",
            problem: "none: the application's updates and deletes would fail; wanted is a primary key, or "
                + "REPLICA IDENTITY FULL"),
        OfferedTable(
            name: QualifiedName(schema: "public", name: "scratch"),
            problem: "it is unlogged: the server writes no WAL of it", canBeChosen: false),
    ]

    private static func offer(
        _ table: String, _ rows: Int64, _ bytes: Int64, _ identity: String, partitions: Int = 0,
        problem: String? = nil, parents: [String] = []
    ) -> OfferedTable {
        OfferedTable(
            name: QualifiedName(schema: "public", name: table), rowsEstimate: rows,
            bytesEstimate: bytes, identity: identity, partitions: partitions, problem: problem,
            parents: parents.map { QualifiedName(schema: "public", name: $0) })
    }
}
