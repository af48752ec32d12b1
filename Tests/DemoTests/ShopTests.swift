import Engine
import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Demo

@Suite(.serialized) struct ShopTests {
    private static let rows = 4000

    /// Returns a server with a loaded shop.
    private func loadedShop() throws -> (ThrowAwayCluster, Shop) {
        let cluster = try ThrowAwayCluster(named: "shop")
        let shop = Shop()
        try shop.prepare(cluster)
        try shop.load(into: cluster, rows: Self.rows)
        return (cluster, shop)
    }

    @Test func `the shop loads about as many rows as requested and compares equal with itself`() throws {
        let (cluster, shop) = try loadedShop()
        let access = shop.access(at: cluster)
        let comparison = try compareDatabases(source: access, target: access, schemas: Shop.schemas)
        #expect(comparison.tables.count == 14)
        #expect(comparison.rows > Int64(Self.rows) * 8 / 10 && comparison.rows < Int64(Self.rows) * 12 / 10)
        #expect(comparison.differences(readyFor: .target) == [])
        #expect(comparison.differences(readyFor: .source) == [])
    }

    @Test func `the comparison finds a changed value, a missing row, an extra row and a late sequence`()
        throws
    {
        let (cluster, shop) = try loadedShop()
        let source = shop.access(at: cluster)
        let server = try PostgresConnection(cluster.access(), applicationName: "test")
        try server.execute("create database copy template shop owner shop")
        let target = cluster.access(database: "copy", user: Shop.role, password: shop.password)
        let copy = try PostgresConnection(target, applicationName: "test")
        try copy.execute("update \"Measurement\" set \"user\" = '' where \"Id\" = md5('measurement 6')::uuid")
        try copy.execute("delete from coupon where code = 'C-7'")
        try copy.execute("insert into page_view select * from page_view where path = '/product/3'")
        try copy.execute("select setval('invoice_number', 5)")
        let comparison = try compareDatabases(source: source, target: target, schemas: Shop.schemas)
        #expect(
            comparison.tables.filter { !$0.isEqual }.map(\.table.name) == [
                "Measurement", "coupon", "page_view",
            ])
        #expect(comparison.differences(readyFor: .target).count == 4)
        #expect(comparison.differences(readyFor: .source).count == 3)
    }

    @Test func `the application writes its transactions and the ledger is complete`() throws {
        let (cluster, shop) = try loadedShop()
        let access = shop.access(at: cluster)
        let ledger = try written(400, to: cluster, access)
        #expect(ledger.faults == [])
        #expect(ledger.acknowledged.count > 350)
        let check = try LedgerCheck(ledger: ledger, database: access)
        #expect(check.problems == [])
        #expect(check.inDoubt == 0)
    }

    @Test func `the ledger check finds a lost transaction`() throws {
        let (cluster, shop) = try loadedShop()
        let access = shop.access(at: cluster)
        let ledger = try written(60, to: cluster, access)
        let session = try PostgresConnection(access, applicationName: "test")
        try session.execute(
            "delete from ledger_entry where transaction_id = (select max(transaction_id) from ledger_entry)")
        let check = try LedgerCheck(ledger: ledger, database: access)
        #expect(check.problems.contains { $0.contains("was acknowledged but is lost") })
    }

    @Test func `the ledger check finds a change that was applied twice`() throws {
        let (cluster, shop) = try loadedShop()
        let access = shop.access(at: cluster)
        let ledger = try written(60, to: cluster, access)
        let session = try PostgresConnection(access, applicationName: "test")
        try session.execute("update product set stock_quantity = stock_quantity - 1 where id = 5")
        try session.execute("insert into price_history (product_id, old_price, new_price) values (1, 1, 2)")
        let problems = try LedgerCheck(ledger: ledger, database: access).problems
        #expect(problems.count == 2)
        #expect(problems.contains { $0.hasPrefix("stock.5 changed by") })
        #expect(problems.contains { $0.hasPrefix("rows.price_history changed by") })
    }

    /// Runs the application for so many transactions on the source only and returns its ledger.
    private func written(_ transactions: Int, to cluster: ThrowAwayCluster, _ access: DatabaseAccess) throws
        -> Ledger
    {
        let options = ApplicationOptions(
            directory: cluster.directory, rate: 100_000, source: access, transactionsMax: transactions,
            seed: 7)
        try runApplication(options, stop: StopSignal(), route: { .source })
        return try Ledger(path: ledgerPath(in: cluster.directory))
    }
}
