import Postgres

extension ShopWork {
    /// Places an order with up to three lines: new rows in two tables, the stock of each product, the
    /// customer's balance.
    mutating func placeOrder(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        let customer = someCustomer()
        let wanted = Set((0...number(below: 3)).map { _ in someProduct() }).sorted()
        let quantities = wanted.map { _ in 1 + number(below: 4) }
        let order = try session.query(
            Shop.text(PackageResources.insert_order_sql), [String(customer), someText()],
            doing: "place an order"
        ).scalar
        effects.addRows(1, to: "order")
        let lines = try session.query(
            Shop.text(PackageResources.insert_order_lines_sql),
            [
                order, "{\(wanted.map(String.init).joined(separator: ","))}",
                "{\(quantities.map(String.init).joined(separator: ","))}",
            ], doing: "place an order")
        effects.addRows(lines.affectedRows, to: "order_line")
        for (product, quantity) in zip(wanted, quantities) {
            try addStock(-quantity, of: product, session, &effects)
        }
        try addBalance(cents: -199 * quantities.reduce(0, +), of: customer, session, &effects)
        return effects
    }

    /// Deletes an order. ON DELETE CASCADE of foreign keys deletes its lines and shipments.
    mutating func cancelOrder(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        guard let (order, lines, shipments) = try lockSomeOrder(session) else { return effects }
        let gone = try session.query("delete from \"order\" where id = $1", [order], doing: "cancel an order")
        guard gone.affectedRows == 1 else { return effects }
        effects.addRows(-1, to: "order")
        effects.addRows(-lines, to: "order_line")
        effects.addRows(-shipments, to: "Shipment")
        return effects
    }

    mutating func shipOrder(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        guard let (order, _, _) = try lockSomeOrder(session) else { return effects }
        try session.query(
            "update \"order\" set status = 'in transit', \"group\" = $2 where id = $1", [order, someText()],
            doing: "ship an order")
        let tracking = someUUID().prefix(14)
        let shipped = try session.query(
            "insert into \"Shipment\" (\"orderId\", \"trackingNumber\", \"shippedAt\") values ($1, $2, "
                + "now())",
            [order, String(tracking)], doing: "ship an order")
        effects.addRows(shipped.affectedRows, to: "Shipment")
        return effects
    }

    private mutating func lockSomeOrder(_ session: borrowing PostgresConnection) throws -> (String, Int, Int)?
    {
        let found = try session.query(
            Shop.text(PackageResources.lock_some_order_sql), [someUUID()], doing: "find an order")
        guard let row = found.rows.first, let order = row[0] else { return nil }
        return (order, Int(row[1] ?? "") ?? 0, Int(row[2] ?? "") ?? 0)
    }

    /// Moves a wish to another product, which changes half of a composite key. Sometimes creates or deletes
    /// one.
    mutating func changeWish(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        let (customer, product) = (String(someCustomer()), String(someProduct()))
        // The lock on the customer's row protects all of its wishes.
        try session.query(
            "select 1 from customer where id = $1 for update", [customer], doing: "change a wish")
        let wish =
            "customer_id = $1 and product_id = (select min(product_id) from wish where customer_id = $1)"
        if number(below: 4) == 0 {
            let gone = try session.query("delete from wish where \(wish)", [customer], doing: "drop a wish")
            effects.addRows(-gone.affectedRows, to: "wish")
        }
        let moved = try session.query(
            "update wish set product_id = $2 where \(wish) and not exists (select from wish where "
                + "customer_id = $1 and product_id = $2)",
            [customer, product], doing: "change a wish")
        if moved.affectedRows == 0 {
            let made = try session.query(
                "insert into wish (customer_id, product_id) values ($1, $2) on conflict do nothing",
                [customer, product], doing: "make a wish")
            effects.addRows(made.affectedRows, to: "wish")
        }
        return effects
    }

    /// Swaps the addresses of two customers: unique values that move between two rows in one transaction.
    mutating func swapEmails(_ session: borrowing PostgresConnection) throws -> Effects {
        let pair = Set([someCustomer(), someCustomer()]).sorted().map(String.init)
        guard pair.count == 2 else { return Effects() }
        let found = try session.query(
            "select email from customer where id in ($1, $2) order by id for update", pair,
            doing: "swap addresses")
        guard found.rows.count == 2 else { return Effects() }
        let set = "update customer set email = $2 where id = $1"
        try session.query(set, [pair[0], "moving " + someUUID()], doing: "swap addresses")
        try session.query(set, [pair[1], found.rows[0][0]], doing: "swap addresses")
        try session.query(set, [pair[0], found.rows[1][0]], doing: "swap addresses")
        return Effects()
    }

    mutating func changeProfile(_ session: borrowing PostgresConnection) throws -> Effects {
        try session.query(
            Shop.text(PackageResources.update_customer_profile_sql),
            [String(someCustomer()), String(number(below: 1_000_000))], doing: "change a profile")
        return Effects()
    }

    /// Updates many rows by one statement, which is streamed as many changes.
    mutating func tagMany(_ session: borrowing PostgresConnection) throws -> Effects {
        let first = someCustomer()
        try session.query(
            "update customer set tags = array_append(tags[1:3], $3) where id between $1 and $2",
            [String(first), String(first + 40), someText()], doing: "tag customers")
        return Effects()
    }

    mutating func addCustomer(_ session: borrowing PostgresConnection) throws -> Effects {
        var effects = Effects()
        let made = try session.query(
            "insert into customer (email, name, birthday) values ($1, $2, '-infinity')",
            ["\(someUUID())@shop.example", someText() ?? "nobody"], doing: "add a customer")
        effects.addRows(made.affectedRows, to: "customer")
        return effects
    }
}
