import Postgres
import Records
import Support

@testable import Engine

/// A change of a copy of a random schema, and the differences that the comparison then has to find.
struct RandomCatalogChange {
    let sql: String
    /// The differences, each as `missing`, `extra` or `differs` with the object in words.
    let expected: Set<String>

    /// Chooses a change among those that the objects of a schema allow.
    ///
    /// - Parameter isSameRelease: whether both servers print a view in the same words
    init(
        _ schema: RandomSchema, _ objects: [CatalogObject], isSameRelease: Bool,
        using random: inout Randomness
    ) {
        let all =
            Self.additions(schema)
            + objects.filter { isSameRelease || !$0.definition.hasPrefix("MATERIALIZED ") }.flatMap {
                Self.changes($0, objects)
            }
        self = all[random.below(all.count)]
    }

    private init(_ sql: String, _ expected: [String]) {
        self.sql = sql
        self.expected = Set(expected)
    }

    /// What was found, in the same words.
    static func words(_ differences: [CatalogComparison.Difference]) -> Set<String> {
        Set(
            differences.map { difference in
                switch difference {
                case .missing(let object): "missing \(object.words)"
                case .extra(let object): "extra \(object.words)"
                case .different(let object, _): "differs \(object.words)"
                }
            })
    }

    private static func additions(_ schema: RandomSchema) -> [RandomCatalogChange] {
        schema.tables.flatMap { table -> [RandomCatalogChange] in
            let name = table.quoted
            let view = quoteIdentifier(schema.name) + ".one_more"
            return [
                RandomCatalogChange(
                    "create index one_more on \(name) (n, d)", ["extra index one_more on \(table)"]),
                RandomCatalogChange(
                    "alter table \(name) add constraint one_more check (n < 9999)",
                    ["extra constraint one_more on \(table)"]),
                RandomCatalogChange(
                    "alter table \(name) alter p set not null", ["extra not-null column p on \(table)"]),
                RandomCatalogChange(
                    "alter table \(name) alter r set default '[1,5)'", ["extra default r on \(table)"]),
                RandomCatalogChange(
                    "create trigger one_more before delete on \(name) for each statement execute function "
                        + "\(schema.name).fire()", ["extra trigger one_more on \(table)"]),
                RandomCatalogChange(
                    "create rule one_more as on delete to \(name) do also notify gone",
                    ["extra rule one_more on \(table)"]),
                RandomCatalogChange(
                    "create view \(view) as select 1", ["extra view \(schema.name).one_more"]),
            ]
        }
    }

    /// The changes of one object.
    private static func changes(_ object: CatalogObject, _ all: [CatalogObject]) -> [RandomCatalogChange] {
        let (table, name) = (object.table.quoted, quoteIdentifier(object.name))
        let missing = ["missing \(object.words)"]
        let differs = ["differs \(object.words)"]
        switch object.kind {
        case .index:
            return [
                RandomCatalogChange("drop index \(quoteIdentifier(object.table.schema)).\(name)", missing)
            ]
        case .constraint:
            // Those of keys have dependents.
            guard !object.definition.hasPrefix("PRIMARY KEY"), !object.definition.hasPrefix("UNIQUE") else {
                return []
            }
            let drop = RandomCatalogChange("alter table \(table) drop constraint \(name)", missing)
            guard object.state == " NOT VALID" else { return [drop] }
            return [drop, RandomCatalogChange("alter table \(table) validate constraint \(name)", differs)]
        case .notNull:
            // Those of keys and of identities stay.
            guard object.name != "id" else { return [] }
            return [RandomCatalogChange("alter table \(table) alter \(name) drop not null", missing)]
        case .trigger, .rule:
            let kind = object.kind.rawValue
            let now = object.state
            let states = ["": "enable", " DISABLED": "disable", " ENABLE ALWAYS": "enable always"]
            // A copy of the trigger on a partition would follow, or differ then.
            let isAlone = object.parent == nil && !all.contains { $0.parent == object.table }
            let hasCopies = object.table.name == "parts" && object.definition.contains("FOR EACH ROW")
            guard isAlone, !hasCopies else { return [] }
            let drop = RandomCatalogChange("drop \(kind) \(name) on \(table)", missing)
            guard !object.definition.contains(" INSTEAD OF ") else { return [drop] }
            return [drop]
                + states.filter { $0.key != now }.sorted { $0.key < $1.key }.map {
                    RandomCatalogChange("alter table \(table) \($0.value) \(kind) \(name)", differs)
                }
        case .view:
            let own = all.filter { $0.table == object.table }.map { "missing \($0.words)" }
            guard object.definition.hasPrefix("MATERIALIZED ") else {
                return [
                    RandomCatalogChange("drop view \(table)", own),
                    RandomCatalogChange("alter view \(table) set (security_invoker = true)", differs),
                ]
            }
            let refresh = "refresh materialized view \(table)" + (object.state.isEmpty ? " with no data" : "")
            return [
                RandomCatalogChange("drop materialized view \(table)", own),
                RandomCatalogChange(refresh, differs),
            ]
        case .defaultValue:
            // The others belong to an identity, a sequence or an expression of the column.
            let isInner = object.table.name == "parts_2_1"
            guard !object.statement.isEmpty, object.name != "id", !isInner else { return [] }
            func has(_ other: CatalogObject) -> Bool {
                other.kind == object.kind && other.name == object.name
            }
            if isOfPart(object) {
                let set = "alter table \(table) alter \(name) set default"
                if object.definition == "no default" {
                    return [RandomCatalogChange("\(set) 9", differs)]
                }
                let isOfRoot = all.contains { $0.table.name == "parts" && has($0) }
                return [RandomCatalogChange("\(set) null", isOfRoot ? differs : missing)]
            }
            // One of a root would change what its partitions have of their own.
            guard !all.contains(where: { isOfPart($0) && has($0) }) else { return [] }
            return [RandomCatalogChange("alter table \(table) alter \(name) set default null", missing)]
        }
    }

    private static func isOfPart(_ object: CatalogObject) -> Bool {
        ["parts_1", "Parts 2", "parts_2_1"].contains(object.table.name.text)
    }
}
