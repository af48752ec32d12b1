import Postgres
import Records
import Support
import Synchronization
import Testing

@testable import Engine

extension ServerSuites {
    /// Readers of the destination while changes stream.
    @Suite(.serialized) struct ReaderTests {
        private static let tables = """
            create table giver (id int primary key, amount bigint not null);
            create table taker (id int primary key, amount bigint not null);
            create table passage (id int primary key);
            create table note (v int);
            """
        /// A sum that no transaction of the origin changes.
        private static let total = 3_000

        /// The state of the database as one statement sees it.
        private static let state = """
            select (select sum(amount) from giver) + (select sum(amount) from taker),
                   (select sum(amount)::bigint / 3 from taker), (select count(*) from passage)
            """

        /// Writes a transaction that moves three from a giver to a taker, and notes it. In turn it folds,
        /// goes row by row (a row of a table without a key, a truncated table), or is larger than a window.
        private static func passage(_ number: Int) -> String {
            let rows = (number * 7 % 100, number * 13 % 100)
            let moves = """
                begin; update giver set amount = amount - 3 where id = \(rows.0);
                insert into passage values (\(number));
                update taker set amount = amount + 3 where id = \(rows.1);
                """
            let further =
                switch number % 10 {
                case 3: "insert into note values (\(number));"
                case 6: "truncate note;"
                default: ""
                }
            return moves + further + "commit;"
        }

        @Test(arguments: Direction.allCases)
        func `a reader sees the state after some commit of the origin, and never the middle of a transaction`(
            direction: Direction
        ) async throws {
            try await withSite(Self.tables) { site in
                try site.connect(.source).execute(
                    "alter table note replica identity full; "
                        + "insert into giver select g, 30 from generate_series(0, 99) g; "
                        + "insert into taker select g, 0 from generate_series(0, 99) g")
                try site.connect(.target).execute("alter table note replica identity full")
                try await site.goLive()
                if direction == .reverse {
                    try site.cutover(to: .target)
                    try await site.awaitPhase(.fallBack)
                }
                let origin = try site.connect(direction.origin)
                let destination = try site.access(direction.destination)
                let passages = 2_000
                let reading = Task.detached {
                    let reader = try PostgresConnection(destination, applicationName: "reader")
                    var states: Set<String> = []
                    while true {
                        let row = try reader.query(Self.state).rows[0].map { $0 ?? "" }
                        // The moved amount equals that of the notes.
                        guard row[0] == "\(Self.total)", row[1] == row[2] else {
                            throw Site.Trouble(
                                description: "a reader saw the middle of a transaction: \(row)")
                        }
                        states.insert(row[2])
                        if row[2] == "\(passages)" { return states.count }
                        try Task.checkCancellation()
                    }
                }
                defer { reading.cancel() }
                for number in 1...passages {
                    try origin.execute(Self.passage(number))
                    // The writer is never so far ahead that the reader cannot see it.
                    if number % 50 == 0 {
                        try await eventually("passage \(number - 50) is there") {
                            try site.value(
                                direction.destination, "select count(*) >= \(number - 50) from passage")
                                == "t"
                        }
                    }
                    // A transaction that is written in parts.
                    if number == passages / 2 {
                        try origin.execute(
                            """
                            begin; update giver set amount = amount - 1;
                            insert into note select g from generate_series(1, 200000) g;
                            update giver set amount = amount + 1; commit
                            """)
                    }
                }
                #expect(try await site.differences(direction) == [])
                let states = try await reading.value
                #expect(states > 20, "the reader saw the stream on its way")
            }
        }
    }
}
