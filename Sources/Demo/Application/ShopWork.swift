import Postgres
import Records

/// The application's transactions, between BEGIN and the entry in the ledger.
///
/// Each kind returns the amounts that it added to counters, according to the server, so that a missing row
/// adds nothing. A kind that locks several rows locks them in the order of their keys.
struct ShopWork {
    /// The kinds of transactions.
    enum Kind: String, CaseIterable {
        case placeOrder, cancelOrder, shipOrder, abandonOrder
        case restock, partialRestock, changePrice, moveMovement, listProduct
        case readDocument, rewriteDocument
        case changeWish, swapEmails, changeProfile, tagMany, newCustomer
        case viewPages, changeViews, reuseCoupon, renameCoupon, measure

        /// The frequency, out of about a hundred.
        var weight: Int {
            switch self {
            case .placeOrder: 22
            case .restock: 14
            case .changePrice, .viewPages: 9
            case .cancelOrder, .shipOrder, .readDocument, .changeWish: 6
            case .moveMovement, .changeProfile: 4
            case .abandonOrder, .partialRestock, .swapEmails, .changeViews, .reuseCoupon, .measure: 3
            case .listProduct, .rewriteDocument, .renameCoupon, .newCustomer: 2
            case .tagMany: 1
            }
        }

        /// Whether it ends with ROLLBACK on purpose.
        var isRolledBack: Bool { self == .abandonOrder }
    }

    private static let deck = Kind.allCases.flatMap { Array(repeating: $0, count: $0.weight) }

    /// The number of rows at the start, whose keys have no gaps.
    let customers: Int
    let products: Int
    let documents: Int
    var random: SeededGenerator

    init(opening: [String: Int64], seed: UInt64) {
        customers = max(1, Int(opening["customer"] ?? 1))
        products = max(1, Int(opening["product"] ?? 1))
        documents = max(1, Int(opening["product_document"] ?? 1))
        random = SeededGenerator(seed: seed)
    }

    mutating func nextKind() -> Kind { Self.deck[number(below: Self.deck.count)] }

    mutating func perform(_ kind: Kind, on session: borrowing PostgresConnection) throws -> Effects {
        switch kind {
        case .placeOrder, .abandonOrder: try placeOrder(session)
        case .cancelOrder: try cancelOrder(session)
        case .shipOrder: try shipOrder(session)
        case .restock: try restock(session)
        case .partialRestock: try restockPartly(session)
        case .changePrice: try changePrice(session)
        case .moveMovement: try moveMovement(session)
        case .listProduct: try listProduct(session)
        case .readDocument: try readDocument(session)
        case .rewriteDocument: try rewriteDocument(session)
        case .changeWish: try changeWish(session)
        case .swapEmails: try swapEmails(session)
        case .changeProfile: try changeProfile(session)
        case .tagMany: try tagMany(session)
        case .newCustomer: try addCustomer(session)
        case .viewPages: try viewPages(session)
        case .changeViews: try changeViews(session)
        case .reuseCoupon: try reuseCoupon(session)
        case .renameCoupon: try renameCoupon(session)
        case .measure: try measure(session)
        }
    }

    // MARK: Shared by the kinds

    mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    mutating func someCustomer() -> Int { 1 + number(below: customers) }

    mutating func someProduct() -> Int { 1 + number(below: products) }

    /// Returns a text with characters that COPY, SQL and JSON escape.
    mutating func someText() -> String? {
        let texts = [
            nil, "", "\\N", "tab\tnew\nline\\", "it's \"quoted\"", "grüß dich, 世界 🌍", "a,b;{c}", "  spaces  ",
        ]
        return texts[number(below: texts.count)]
    }

    mutating func someUUID() -> String {
        let digits = (0..<32).map { _ in String(number(below: 16), radix: 16) }.joined()
        return digits
    }

    func addStock(
        _ quantity: Int, of product: Int, _ session: borrowing PostgresConnection, _ effects: inout Effects
    )
        throws
    {
        let changed = try session.query(
            "update product set stock_quantity = stock_quantity + $2 where id = $1",
            [String(product), String(quantity)], doing: "change the stock")
        if changed.affectedRows == 1 { effects.add(Int64(quantity), to: "stock.\(product)") }
    }

    func addBalance(
        cents: Int, of customer: Int, _ session: borrowing PostgresConnection, _ effects: inout Effects
    ) throws {
        let changed = try session.query(
            "update customer set balance = balance + $2::numeric / 100 where id = $1",
            [String(customer), String(cents)], doing: "change the balance")
        if changed.affectedRows == 1 { effects.add(Int64(cents), to: "balance.\(customer)") }
    }
}
