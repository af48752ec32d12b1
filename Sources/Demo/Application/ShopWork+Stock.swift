import Postgres

extension ShopWork {
    mutating func restock(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        try moveStock(of: someProduct(), session, &effects)
        return effects
    }

    /// Restocks one product, rolls a second movement back to a savepoint, and restocks a third product.
    mutating func restockPartly(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        var undone = Effects()
        try moveStock(of: someProduct(), session, &effects)
        try session.execute("savepoint second", doing: "restock")
        try moveStock(of: someProduct(), session, &undone)
        try session.execute("rollback to savepoint second", doing: "restock")
        try moveStock(of: someProduct(), session, &effects)
        return effects
    }

    private mutating func moveStock(
        of product: Int, _ session: borrowing PostgresConnection, _ effects: inout Effects
    ) throws {
        let quantity = 1 + number(below: 20)
        let moved = try session.query(
            "insert into stock_movement (product_id, quantity, moved_on, reason) values ($1, $2, date "
                + "'2024-01-01' + $3::integer, $4)",
            [String(product), String(quantity), String(number(below: 1200)), someText()], doing: "move stock")
        effects.addRows(moved.affectedRows, to: "stock_movement")
        try addStock(quantity, of: product, session, &effects)
    }

    /// Changes the day of a movement. Most such rows move to another partition.
    mutating func moveMovement(_ session: borrowing PostgresConnection) throws -> Effects {
        let found = try session.query(
            "select id, moved_on from stock_movement where id >= $1 order by id limit 1 for update skip "
                + "locked",
            [String(number(below: 20_000))], doing: "find a movement")
        guard let row = found.rows.first else { return Effects() }
        try session.query(
            "update stock_movement set moved_on = date '2024-01-01' + $3::integer where id = $1 and moved_on "
                + "= $2",
            [row[0], row[1], String(number(below: 1200))], doing: "move a movement")
        return Effects()
    }

    /// Changes a price; a trigger adds exactly one row to the history.
    mutating func changePrice(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        let changed = try session.query(
            "update product set price = case when price > 900 then price - 850.25 else price + 0.37 end "
                + "where id = $1",
            [String(someProduct())], doing: "change a price")
        effects.addRows(changed.affectedRows, to: "price_history")
        return effects
    }

    mutating func listProduct(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        let product = try session.query(
            "insert into product (sku, category_id, name, price, stock_quantity, opening_stock, dimensions) "
                + "values ($1, $2, $3, 9.99, 0, 0, '{1.10,NULL,NaN}') returning id",
            ["N" + someUUID().prefix(18), String(1 + number(below: 40)), someText() ?? "nameless"],
            doing: "list a product"
        ).scalar
        effects.addRows(1, to: "product")
        let written = try session.query(
            "insert into product_document (product_id, title, body) values ($1, $2, repeat($2, 2000))",
            [product, "Manual " + someUUID()], doing: "list a product")
        effects.addRows(written.affectedRows, to: "product_document")
        return effects
    }

    /// Changes a small column of a row whose long text is stored out of line (TOAST) and not sent again.
    mutating func readDocument(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        let product = 1 + number(below: documents)
        let read = try session.query(
            "update product_document set read_count = read_count + 1 where product_id = $1",
            [String(product)],
            doing: "read a document")
        if read.affectedRows == 1 { effects.add(1, to: "reads.\(product)") }
        return effects
    }

    mutating func rewriteDocument(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        let product = 1 + number(below: documents)
        let written = try session.query(
            Shop.text(PackageResources.rewrite_document_sql),
            [String(product), String(number(below: 1_000_000))],
            doing: "rewrite a document")
        if written.affectedRows == 1 { effects.add(1, to: "reads.\(product)") }
        return effects
    }

    /// Inserts up to three equal rows into the table without a key.
    mutating func viewPages(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        let views = try session.query(
            "insert into page_view (product_id, path, referrer, viewed_at) select $1::bigint, '/product/' || "
                + "$1, $2, localtimestamp from generate_series(1, $3)",
            [String(someProduct()), someText(), String(1 + number(below: 3))], doing: "view pages")
        effects.addRows(views.affectedRows, to: "page_view")
        return effects
    }

    /// Updates one row of the table without a key and deletes another. Each may have equal rows.
    mutating func changeViews(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        let one = "ctid = (select ctid from page_view where product_id = $1 limit 1 for update skip locked)"
        try session.query(
            "update page_view set referrer = $2 where \(one)", [String(someProduct()), someText()],
            doing: "change a page view")
        let gone = try session.query(
            "delete from page_view where \(one)", [String(someProduct())], doing: "forget a page view")
        effects.addRows(-gone.affectedRows, to: "page_view")
        return effects
    }

    /// Deletes a coupon and inserts another with the same code, in one transaction.
    mutating func reuseCoupon(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        let code = "C-\(1 + number(below: 50))"
        let gone = try session.query("delete from coupon where code = $1", [code], doing: "reuse a coupon")
        effects.addRows(-gone.affectedRows, to: "coupon")
        let made = try session.query(
            "insert into coupon (code, discount, remark) values ($1, 'NaN', $2) on conflict do nothing",
            [code, someText()], doing: "reuse a coupon")
        effects.addRows(made.affectedRows, to: "coupon")
        return effects
    }

    /// Changes the columns of the index that identifies a row on the other side, to a new code.
    mutating func renameCoupon(_ session: borrowing PostgresConnection) throws -> Effects {
        try session.query(
            "update coupon set code = $2, remark = $3 where code = $1",
            ["C-\(51 + number(below: 400))", "R-" + someUUID().prefix(20), someText()],
            doing: "rename a coupon")
        return Effects()
    }

    mutating func measure(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        let made = try session.query(
            Shop.text(PackageResources.insert_measurement_sql), [someText(), String(number(below: 1000))],
            doing: "measure")
        effects.addRows(made.affectedRows, to: "Measurement")
        return effects
    }
}
