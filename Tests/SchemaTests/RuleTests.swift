import Foundation
import Records
import Testing

@testable import Schema

/// Returns the analysis of a text, as if it were a file of this type.
func analysis(
    _ sql: String, _ type: SchemaObjectType = .table, target: AnalysisTarget = .latestYugabyteDB
) -> SchemaAnalysis {
    let read = SchemaScript.read(text: sql, file: "schema/" + type.path, type: type)
    return schemaAnalysis(
        of: [read.script],
        unreadable: read.faults.map { UnreadablePart(file: "schema/" + type.path, type: type, fault: $0) },
        target: target)
}

/// Each rule of the analysis, with a statement that it finds and one that only resembles it.
@Suite struct RuleTests {
    @Test(arguments: RuleCase.all)
    func `a rule finds its subject and not what resembles it`(example: RuleCase) {
        let found = analysis(example.finds, target: example.target).issues.map(\.rule)
        #expect(found.contains(example.rule), "found \(found)")
        let missed = analysis(example.misses, target: example.target).issues.map(\.rule)
        #expect(!missed.contains(example.rule))
        // Only the rule about syntax may see a fault of the examples themselves.
        if example.rule != "UNSUPPORTED_PG_SYNTAX" {
            #expect(!(found + missed).contains("UNSUPPORTED_PG_SYNTAX"))
        }
    }

    @Test func `each rule has an example`() {
        let rules = [AnalysisTarget.yugabyteDB(Release("2.14.0.0")!), .postgreSQL(major: 11)]
            .flatMap { Rule.rules(for: $0) }
        let examples = Set(RuleCase.all.map(\.rule))
        #expect(Set(rules.map(\.id)).subtracting(examples).subtracting(["UNCATEGORIZED"]) == [])
    }

    @Test func `each rule says one sentence with its end, and what to do`() {
        for rule in Rule.rules(for: RuleCase.old) + Rule.postgreSQL {
            #expect(rule.reason.hasSuffix("."), "\(rule.id)")
            #expect(rule.suggestion.hasSuffix("."), "\(rule.id)")
        }
    }

    @Test func `a release that has a construct is not told of it, and another series is`() {
        let sql = "create table t (a int primary key, b int generated always as (a) stored);"
        let found = { (release: String) in
            analysis(sql, target: .yugabyteDB(Release(release)!)).issues.contains {
                $0.rule == "STORED_GENERATED_COLUMNS"
            }
        }
        #expect(!found("2025.1.0.0"))
        #expect(!found("2025.2.3.0"))
        #expect(found("2024.2.8.0"))
        #expect(found("2.23.1.0"))
    }

    @Test func `what a release has as a preview is found, and the flag is named`() {
        let issue = analysis("create table t (a int primary key) inherits (u);").issues.first {
            $0.rule == "INHERITANCE"
        }
        #expect(issue?.suggestion.contains("ysql_enable_inheritance") == true)
    }

    @Test(arguments: [
        ("NO_PRIMARY_KEY", "create table t (a int);", "blocking"),
        ("DEFERRABLE_KEY", "create table t (a int primary key deferrable);", "blocking"),
        (
            "DEFERRABLE_KEY",
            "create table t (a int primary key deferrable); alter table t replica identity full;", "warning"
        ),
        ("DEFERRABLE_KEY", "create table t (a int primary key, b int unique deferrable);", "warning"),
        ("POLICY_WITH_ROLES", "create policy p on t to clerk using (true);", "blocking"),
        ("FOREIGN_TABLE", "create foreign table t (a int) server s;", "blocking"),
        (
            "FOREIGN_TABLE",
            "create foreign table t (a int) server s; create server s foreign data wrapper w;", "warning"
        ),
    ])
    func `what the program itself refuses is blocking`(rule: String, sql: String, severity: String) {
        let issue = analysis(sql, target: .postgreSQL(major: 15)).issues.first { $0.rule == rule }
        #expect(issue?.severity.rawValue == severity)
    }

    @Test func `roles and foreign servers that the target has are not missed there`() {
        let target = AnalysisTarget.postgreSQL(
            major: 15,
            offers: ServerOffers(
                extensions: [], accessMethods: [], compressions: [], hasICU: true, roles: ["clerk"],
                servers: ["s"]))
        let issues = analysis(
            "create policy p on t to clerk, boss using (true); create foreign table f (a int) server s;",
            target: target
        ).issues
        #expect(issues.map(\.severity) == [.blocking, .warning])
        #expect(issues.first?.reason == "The policy is for boss, and roles are not migrated.")
    }

    @Test func `a PostgreSQL target has its own rules and none of YugabyteDB`() {
        let sql = "create index i on t using gist (a); create view v as select any_value(a) from t;"
        #expect(analysis(sql, target: .postgreSQL(major: 16)).issues == [])
        #expect(analysis(sql, target: .postgreSQL(major: 15)).issues.map(\.rule) == ["ANY_VALUE_SINCE_16"])
    }
}
