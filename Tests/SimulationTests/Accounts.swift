import Postgres
import Records
import Synchronization

/// The application's own record of its transactions, kept outside of the databases.
final class Accounts: Sendable {
    private struct Books {
        var acknowledged: Set<String> = ["rows"]
        var inDoubt: Set<String> = []
        var rolledBack: Set<String> = []
    }

    private let books = Mutex(Books())

    func acknowledge(_ id: String) { books.withLock { _ = $0.acknowledged.insert(id) } }
    /// Transactions whose COMMIT was sent but not answered.
    func doubt(_ id: String) { books.withLock { _ = $0.inDoubt.insert(id) } }
    func rollBack(_ id: String) { books.withLock { _ = $0.rolledBack.insert(id) } }

    var summary: String {
        books.withLock {
            "\($0.acknowledged.count) acknowledged, \($0.inDoubt.count) in doubt, \($0.rolledBack.count) "
                + "rolled back"
        }
    }

    /// Compares the record with a database: its ledger has every acknowledged transaction and none that was
    /// rolled back, and the sums of the ledger equal those of the tables. Returns the differences as
    /// sentences.
    func differences(_ connection: borrowing PostgresConnection, at place: Side) throws -> [String] {
        let found = Set(try connection.query("select id from ledger").rows.compactMap { $0[0] })
        let books = books.withLock { $0 }
        var wrong: [String] = []
        func note(_ ids: Set<String>, _ what: String) {
            guard !ids.isEmpty else { return }
            wrong.append(
                "\(what) on the \(place.rawValue): \(ids.sorted().prefix(10).joined(separator: ", "))")
        }
        note(books.acknowledged.subtracting(found), "acknowledged and lost")
        note(books.rolledBack.intersection(found), "rolled back and there")
        note(
            found.subtracting(books.acknowledged).subtracting(books.inDoubt).subtracting(books.rolledBack),
            "written by nobody")
        let tallies = try connection.query(
            "select t.id, t.total, coalesce(sum(l.delta), 0) from tally t left join ledger l on "
                + "l.tally_id = t.id "
                + "group by t.id, t.total having t.total <> coalesce(sum(l.delta), 0) order by t.id")
        for row in tallies.rows {
            wrong.append(
                "tally \(row[0] ?? "") on the \(place.rawValue) is \(row[1] ?? ""), its ledger adds up to "
                    + "\(row[2] ?? "")"
            )
        }
        let bag = try connection.query(
            "select (select count(*) from bag) - (select sum(bag_delta) from ledger)")
        if let surplus = bag.scalar, surplus != "0" {
            wrong.append("the bag on the \(place.rawValue) has \(surplus) rows more than its ledger says")
        }
        return wrong
    }
}
