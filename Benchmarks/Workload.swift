import Foundation

/// A database and an exact number of changes to it, which can be repeated.
struct Workload {
    let name: String
    /// The description of the changes in the report.
    let summary: String
    /// The number of row changes in one backlog.
    let changes: Int
    /// Creates the empty tables on one side.
    let tables: (Database) throws -> Void
    /// Fills them on the origin.
    let fill: (Database) throws -> Void
    /// Makes the changes of one backlog; rounds count from 0.
    let write: (Database, _ round: Int) throws -> Void
    /// Whether the changes stream from the target to the source, after a cutover.
    var isReverse = false
}

/// The sizes of all workloads. At scale 1, a drain takes several seconds, of which the start of two processes
/// is a small part, and the whole table takes less than half an hour on two cores.
struct WorkloadSizes {
    let scale: Double
    /// The number of backlogs of one workload; the deletes need rows for each.
    let rounds: Int

    func scaled(_ count: Int, step: Int = 1000) -> Int { max(1, Int(Double(count) * scale) / step) * step }

    var all: [Workload] {
        [tpcb, back, uniform, single, inserts, deletes, wide, swaps, hot, many]
    }

    // MARK: pgbench

    private var tpcb: Workload { pgbench("tpcb", isReverse: false) }
    private var back: Workload { pgbench("back", isReverse: true) }

    private func pgbench(_ name: String, isReverse: Bool) -> Workload {
        let transactions = scaled(200_000)
        let size = max(1, Int(50 * min(1, scale * 2)))
        return Workload(
            name: name,
            summary: "pgbench's transactions, scale \(size), four sessions"
                + (isReverse ? ", made on the target after a cutover with fall-back" : ""),
            changes: transactions * 4,
            tables: {
                try $0.program("pgbench", ["-i", "-q", "-I", "dtp", "-s", "\(size)"])
                try $0.run("alter table pgbench_history replica identity full")
            },
            fill: { try $0.program("pgbench", ["-i", "-q", "-I", "gv", "-s", "\(size)"]) },
            write: { database, _ in
                try database.program(
                    "pgbench", ["-n", "-M", "prepared", "-c", "4", "-j", "2", "-t", "\(transactions / 4)"])
            }, isReverse: isReverse)
    }

    // MARK: Changes made on the server

    /// Goes through 0 ..< rows in an order without locality, each row once before any is repeated.
    private static let stride = 15_485_863

    /// - Parameters:
    ///   - step: SQL of one transaction, whose number is `n`, counted over all rounds from 0.
    private func bySteps(
        _ name: String, _ summary: String, steps: Int, changesPerStep: Int, tables: String, fill: String,
        declare: String = "", step: String
    ) -> Workload {
        Workload(
            name: name, summary: summary, changes: steps * changesPerStep,
            tables: { try $0.run(tables) },
            fill: {
                try $0.run(fill)
                try $0.run("vacuum analyze")
            },
            write: { database, round in
                // As one statement: only then may the block commit.
                try database.run(
                    """
                    do $$ declare n bigint; \(declare) begin
                    for k in \(round * steps) .. \(round * steps + steps - 1) loop
                    n := k; \(step) commit; end loop; end $$
                    """)
            })
    }

    private static let items = """
        create table item (id int primary key, quantity int not null, note text not null, changed_at \
        timestamptz)
        """

    private func fillItems(_ rows: Int) -> String {
        "insert into item select n, 0, md5(n::text) || md5((-n)::text), now() from generate_series(0, "
            + "\(rows - 1)) n"
    }

    private var uniform: Workload {
        let (rows, perStep) = (scaled(1_000_000), 100)
        return bySteps(
            "uniform",
            "updates of single rows all over a table of \(rows) rows, by key, 100 in a transaction",
            steps: scaled(400_000) / perStep, changesPerStep: perStep, tables: Self.items,
            fill: fillItems(rows),
            step: """
                update item set quantity = quantity + 1, note = md5(n::text) || substr(note, 1, 32),
                changed_at = clock_timestamp()
                where id in (select (n * \(perStep) + i) * \(Self.stride) % \(rows) from generate_series(0, \(perStep - 1)) i);
                """)
    }

    private var single: Workload {
        let rows = scaled(1_000_000)
        return bySteps(
            "single", "the same, one in a transaction", steps: scaled(200_000), changesPerStep: 1,
            tables: Self.items, fill: fillItems(rows),
            step: """
                update item set quantity = quantity + 1, note = md5(n::text) || substr(note, 1, 32),
                changed_at = clock_timestamp() where id = n * \(Self.stride) % \(rows);
                """)
    }

    private var inserts: Workload {
        bySteps(
            "inserts", "inserts into a table with a key and an index, 100 in a transaction",
            steps: scaled(400_000) / 100,
            changesPerStep: 100,
            tables: """
                create table log (id bigint primary key, made_at timestamptz not null, kind int not null, \
                note text);
                create index on log (made_at)
                """, fill: "select 1",
            step: """
                insert into log select n * 100 + i, clock_timestamp(), i % 7, md5(i::text) || md5(n::text)
                from generate_series(0, 99) i;
                """)
    }

    private var deletes: Workload {
        let changes = scaled(600_000)
        let rows = changes * rounds
        return bySteps(
            "deletes", "deletes all over a table, by key, 100 in a transaction", steps: changes / 100,
            changesPerStep: 100, tables: Self.items, fill: fillItems(rows),
            step: """
                delete from item
                where id in (select (n * 100 + i) * \(Self.stride) % \(rows) from generate_series(0, 99) i);
                """)
    }

    private var wide: Workload {
        let kinds = ["int", "text", "numeric(12,2)", "timestamptz", "bigint"]
        let columns = (1..<50).map { "c\($0) \(kinds[$0 % 5])" }.joined(separator: ", ")
        let values = (1..<50).map {
            ["i", "md5(i::text)", "i / 7.0", "clock_timestamp()", "n"][$0 % 5]
        }.joined(separator: ", ")
        return bySteps(
            "wide", "50 columns: 50 inserts and 50 updates of earlier rows in a transaction",
            steps: scaled(200_000) / 100, changesPerStep: 100,
            tables: "create table wide (id bigint primary key, \(columns))",
            fill: """
                insert into wide (id, \((1..<50).map { "c\($0)" }.joined(separator: ", ")))
                select i - 50, \(values) from generate_series(0, 49) i, (select 0::bigint as n) one
                """,
            step: """
                update wide set c1 = 'changed ' || n, c5 = c5 + 1, c7 = c7 + 0.01 where id >= (n - 1) * 50 \
                and id < n * 50;
                insert into wide select n * 50 + i, \(values) from generate_series(0, 49) i;
                """)
    }

    private var swaps: Workload {
        let rows = 10_000
        return bySteps(
            "swaps",
            "two rows swap a unique value through a third, two others under a deferred constraint: 5 changes "
                + "a transaction",
            steps: scaled(50_000), changesPerStep: 5,
            tables: """
                create table slot (id int primary key, code int not null unique);
                create table seat (id int primary key, place int not null unique deferrable initially \
                deferred)
                """,
            fill: """
                insert into slot select n, n from generate_series(0, \(rows - 1)) n;
                insert into seat select n, n from generate_series(0, \(rows - 1)) n
                """,
            declare: "a int; b int; x int; y int;",
            step: """
                a := n * \(Self.stride) % \(rows); b := (a + 1 + n % 97) % \(rows);
                select code into x from slot where id = a; select code into y from slot where id = b;
                update slot set code = -1 where id = a; update slot set code = x where id = b;
                update slot set code = y where id = a;
                select place into x from seat where id = a; select place into y from seat where id = b;
                update seat set place = y where id = a; update seat set place = x where id = b;
                """)
    }

    private var hot: Workload {
        bySteps(
            "hot", "one row updated again and again, once in a transaction", steps: scaled(400_000),
            changesPerStep: 1, tables: "create table counter (id int primary key, total bigint not null)",
            fill: "insert into counter select n, 0 from generate_series(1, 10) n",
            step: "update counter set total = total + 1 where id = 1;")
    }

    private var many: Workload {
        let tables = 200
        return bySteps(
            "many",
            "\(tables) small tables: an insert and an update in each of five tables, in a transaction",
            steps: scaled(40_000), changesPerStep: 10,
            tables: (0..<tables).map {
                "create table t\($0) (id bigint primary key, total int not null, note text)"
            }.joined(separator: ";"),
            fill: (0..<tables).map {
                "insert into t\($0) select -n, 0, 'first' from generate_series(1, 100) n"
            }
            .joined(separator: ";"),
            step: """
                for t in 0..4 loop
                execute format('insert into t%s values ($1, 1, $2)', (n * 5 + t) % \(tables)) using n, md5(n::text);
                execute format('update t%s set total = total + 1 where id = $1', (n * 5 + t) % \(tables)) using -1 - n / 40 % 100;
                end loop;
                """)
    }
}
