import Testing

/// Rows, tables and transactions of a size at which a program that keeps them whole would fail. Each arrives,
/// and the memory of both roles stays below a bound that does not grow with it.
@Suite(.serialized) struct LargeTests {
    @Test func `a transaction with very many rows arrives, and one that updates them all`() async throws {
        let rows = LargeSizes.rowsOfOneTransaction
        try await withLargeSite("create table item (id int primary key, amount int not null, note text)") {
            site in
            // Also with the small size the server sends it before its commit.
            try site.sql(
                .source, "alter database \(site.name) set logical_decoding_work_mem = '256kB'")
            try await site.goLive()
            try site.sql(
                .source,
                "insert into item select n, n % 1000, md5(n::text) from generate_series(1, \(rows)) n")
            try await site.awaitApplied()
            try site.sql(.source, "update item set amount = amount + 1")
            try await site.awaitApplied()
            try site.sql(.source, "delete from item where id % 3 = 0")
            try await site.awaitApplied()
            #expect(try site.differences() == [])
            try site.expectPeaks("one transaction of \(rows) rows")
        }
    }

    /// A value is whole in memory, because the protocol has no smaller part than its message. Capture has it
    /// in libpq's buffer, which grows by doubling, in the message taken from there, and in the buffer of the
    /// log. Apply has it in the reader's buffer, in the window, in the statement's parameters and in libpq's
    /// buffer.
    @Test func `a row with a very large value arrives, and stays whole when another column changes`()
        async throws
    {
        let bytes = LargeSizes.valueBytes
        // Random hexadecimal digits, which do not compress much.
        func value(_ seed: String) -> String {
            "(select string_agg(md5(n::text || '\(seed)'), '') from generate_series(1, \(bytes / 32)) n)"
        }
        try await withLargeSite("create table document (id int primary key, state text, body text)") { site in
            // One exists before the snapshot and is copied.
            try site.sql(.source, "insert into document values (1, 'old', \(value("a")))")
            try await site.goLive()
            try site.sql(.source, "insert into document values (2, 'new', \(value("b")))")
            try await site.awaitApplied()
            // The value is not sent again.
            try site.sql(.source, "update document set state = 'seen'")
            try await site.awaitApplied()
            try site.sql(.source, "update document set body = \(value("c")) where id = 1")
            try site.sql(.source, "update document set id = 3, state = 'moved' where id = 2")
            try await site.awaitApplied()
            #expect(try site.differences() == [])
            try site.expectPeaks(
                below: peakBytesMax + LargeSizes.copiesOfValueMax * bytes, "a value of \(bytes >> 20) MB")
        }
    }

    @Test func `very many tables arrive, with changes in each`() async throws {
        let count = LargeSizes.tables
        let tables = (0..<count).map {
            "create table t\($0) (id int primary key, amount int not null, note text)"
        }
        try await withLargeSite("") { site in
            try site.inBatches(.source, tables)
            try site.inBatches(.target, tables)
            try site.inBatches(
                .source,
                (0..<count).map { "insert into t\($0) select n, 0, 'first' from generate_series(1, 3) n" })
            try await site.goLive()
            // A change of each kind in each table: first one table per transaction, then all in one.
            try site.sql(
                .source,
                """
                do $$ begin for n in 0 .. \(count - 1) loop
                execute format('insert into t%s values (4, 0, ''later'')', n);
                execute format('update t%s set amount = amount + 1 where id = 1', n);
                commit; end loop; end $$
                """)
            try site.sql(
                .source,
                """
                do $$ begin for n in 0 .. \(count - 1) loop
                execute format('delete from t%s where id = 2', n);
                execute format('update t%s set note = null where id = 3', n);
                end loop; end $$
                """)
            try await site.awaitApplied()
            #expect(try site.differences() == [])
            try site.expectPeaks("\(count) tables")
        }
    }

    @Test func `a table with the highest number of columns arrives, with inserts and updates`()
        async throws
    {
        let columns = LargeSizes.columns
        let list = (1..<columns).map { "c\($0) smallint" }.joined(separator: ", ")
        try await withLargeSite("create table broad (id int primary key, \(list))") { site in
            func insert(_ rows: ClosedRange<Int>) throws {
                let values = (1..<columns).map { $0 % 5 == 0 ? "null" : "(id + \($0)) % 30000" }
                try site.sql(
                    .source,
                    "insert into broad select id, \(values.joined(separator: ", ")) "
                        + "from generate_series(\(rows.lowerBound), \(rows.upperBound)) id")
            }
            try insert(1...20)
            try await site.goLive()
            try insert(21...100)
            try site.sql(.source, "update broad set c1 = -1, c\(columns - 1) = -2 where id % 2 = 0")
            try await site.awaitApplied()
            // With the whole old row in the message every column is sent twice.
            try site.sql(.source, "alter table broad replica identity full")
            try site.sql(
                .source, "update broad set c2 = c2 + 1 where id % 3 = 0; delete from broad where id % 7 = 0")
            try await site.awaitApplied()
            #expect(try site.differences() == [])
            try site.expectPeaks("\(columns) columns")
        }
    }

    @Test func `the memory for a long backlog does not grow with it`() async throws {
        let rows = LargeSizes.backlogRows
        try await withLargeSite("create table entry (id int primary key, amount int not null, note text)") {
            site in
            try await site.goLive()
            func write(_ from: Int, _ count: Int) throws {
                try site.sql(
                    .source,
                    """
                    do $$ begin for n in 0 .. \(count / 100 - 1) loop
                    insert into entry select \(from) + n * 100 + i, i, repeat(md5((n * 100 + i)::text), 30)
                        from generate_series(0, 99) i;
                    update entry set amount = amount + 1 where id = \(from) + n * 100;
                    commit; end loop; end $$
                    """)
            }
            func drain(_ from: Int, _ count: Int) async throws -> (capture: Int, apply: Int) {
                // The server keeps the changes while both are stopped.
                try await site.stop()
                try write(from, count)
                try await site.startExport()
                try site.startImport()
                try await site.awaitApplied()
                return try site.peaks()
            }
            let early = try await drain(0, rows / 4)
            let late = try await drain(rows, rows)
            #expect(try site.differences() == [])
            print(
                "a quarter of the backlog: capture \(early.capture >> 20) MB, apply \(early.apply >> 20) MB")
            try site.expectPeaks("a backlog of \(rows) rows of 1 kB")
            #expect(late.capture <= early.capture + LargeSizes.growthBytesMax)
            #expect(late.apply <= early.apply + LargeSizes.growthBytesMax)
        }
    }
}
