import Records
import Testing

/// The texts are those of YugabyteDB's code and issues; docs/yugabytedb.md has their sources.
@Suite struct YugabyteFaultTests {
    static let messages: [(String, YugabyteFault)] = [
        ("Could not find the two split children for tablet: d990eb86a37e4e6c9fc84123099dddd7", .tabletSplit),
        ("GetTabletListToPollForCDC didnt return two children tablets for tablet_id: 77", .tabletSplit),
        ("Tablet Split detected on 77114b67848841d1bfb95031aa607559", .tabletSplit),
        ("VirtualWAL initialisation failed for stream_id: b5: max capacity reached", .readersExhausted),
        ("Schema packing not found: 12, available_versions: [13]", .schemaPackingGone),
        (
            "Stream ID ad98d87f7f2435a99a455e8df44ab723 is expired for Tablet ID "
                + "cd3756a1e2a54d7da1847a3b438f3386",
            .expired
        ),
        ("stream ID 82fe is expired for Tablet ID bb33", .expired),
        (
            "VirtualWAL initialisation failed for stream_id: b568 & session_id: 464 Error fetching tablet "
                + "list & checkpoints for table_id 0000: Cannot add tablet: 0000 to the polling list as it "
                + "has been unqualified for stream: b568. To skip adding this tablet and proceed enable "
                + "the flag cdc_skip_unqualified_tables_for_polling.", .tableUnqualified
        ),
        ("Stream ID abc unpolled for too long for Tablet ID xyz", .tableUnqualified),
        ("CDCSDK Trying to fetch already GCed intents for transaction 123", .changesRemoved),
        (
            "The logs from index 10 have been garbage collected and cannot be read: op index 10 has been "
                + "already GCed", .changesRemoved
        ),
        ("catalog version for database 16640 was not found.", .catalogGone),
    ]

    @Test(arguments: messages)
    func `each fault of the stream is recognized by the words of its message`(
        message: String, fault: YugabyteFault
    ) {
        #expect(YugabyteFault(message: message) == fault)
    }

    @Test(arguments: [
        "", "it failed", "could not map filenode \"base/5/16400\" to relation OID",
        "replication slot \"s\" is active for PID 7", "schema version mismatch for table 000033",
        "Catalog Version Mismatch: A DDL occurred while processing this query",
        "Transaction expired or aborted by a conflict: 40001", "Tablet 8a3f not leader",
        "requested WAL segment 000000010000000000000001 has already been removed",
    ])
    func `other messages are none of these faults`(message: String) {
        #expect(YugabyteFault(message: message) == nil)
    }

    @Test func `each fault has a message of its own, and says whether another attempt can help`() {
        let all = YugabyteFault.allCases
        #expect(Set(all.map(\.meaning)).count == all.count)
        #expect(Set(Self.messages.map { "\($0.1)" }) == Set(all.map { "\($0)" }))
        #expect(all.filter { $0.hope == .likely } == [.tabletSplit, .readersExhausted])
        #expect(all.filter { $0.hope == .slight } == [.schemaPackingGone, .expired])
        #expect(all.filter { $0.hope == .none } == [.tableUnqualified, .changesRemoved, .catalogGone])
    }
}
