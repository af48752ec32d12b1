/// A construct that PostgreSQL 15 does not know, and who knows it.
struct LaterSyntax: Equatable, Sendable {
    /// Who knows a construct.
    enum Origin: Equatable, Sendable {
        case yugabyteDB
        /// PostgreSQL from this major version on.
        case postgreSQL(Int)
    }

    /// What a rule makes of a construct.
    enum Subject: Equatable, Sendable {
        case other
        case jsonPredicate
        case jsonConstructor
        case jsonQuery
        case nonDecimalNumber
        case virtualColumn
    }

    /// Its words: `SPLIT INTO`.
    let name: String
    let origin: Origin
    var subject = Subject.other
    /// The byte of the statement at which it begins.
    let offset: Int
}
