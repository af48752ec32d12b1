import Foundation
import PostgresPorts
import Records
import Testing

@testable import Engine

extension Site {
    /// Tables with the values that are easily confused, with a key of each kind, and without one.
    static let verifiedTables = """
        create table item (id bigint primary key, name text, amount numeric, body bytea, note text,
            at timestamptz, doc jsonb, f float8, days interval);
        create table word (w text primary key, n int);
        create table bag (a int, b text);
        alter table bag replica identity full;
        create table part (id int, region text, v text, primary key (id, region)) partition by list (region);
        create table part_a partition of part for values in ('a');
        create table part_b partition of part for values in ('b');
        """

    static let verifiedRows = """
        insert into item select n, 'name of ' || n, n * 1.50, decode(md5(n::text), 'hex'),
            case when n % 3 = 0 then '' when n % 3 = 1 then null else 'x' end,
            timestamptz '2024-02-29 12:00+02' + n * interval '1 s', jsonb_build_object('b', n, 'a', null),
            case n % 4 when 0 then 'NaN' when 1 then 'infinity' when 2 then '-infinity' else '0.1' end::float8,
            n * interval '1 month 3 days'
            from generate_series(1, 25000) n;
        insert into word select 'w' || n, n from generate_series(1, 300) n;
        insert into word values (U&'\\00e9', 1), (U&'e\\0301', 2);
        insert into bag select n % 10, 'b' || n % 10 from generate_series(1, 100) n;
        insert into part select n, case n % 2 when 0 then 'a' else 'b' end, 'v' || n
            from generate_series(1, 200) n;
        """

    /// Verifies once, as `switchback verify --once` does.
    func verify(_ tables: [String] = []) async throws -> VerifyReport {
        try await runVerification(
            migration: migration,
            options: RunOptions(source: try access(.source), target: try access(.target)),
            VerifyOptions(tables: tables), once: true, stop: StopSignal(), ended: { _ in })
    }
}

extension VerifyReport {
    /// The differences in short: table, key, kind and columns.
    var found: Set<String> {
        Set(
            differences.map { difference in
                let key = difference.key.values.joined(separator: ",")
                let isKeyed = difference.table != QualifiedName(schema: "public", name: "bag")
                return
                    ([difference.table.name.text, isKeyed ? key : "-", difference.kind.rawValue]
                    + difference.columns).joined(separator: " ")
            })
    }

    /// Why tables were not verified.
    var reasons: [String] { tables.compactMap(\.reason) }
}
