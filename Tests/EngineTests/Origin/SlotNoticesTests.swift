import Postgres
import Records
import Testing

@testable import Engine
@testable import Journal

@Suite struct SlotNoticesTests {
    private func slot(_ walStatus: String, retained: Int64 = 10, safe: Int64? = nil) -> SlotState {
        var slot = SlotState(walStatus: walStatus)
        slot.retainedBytes = retained << 20
        slot.safeBytes = safe.map { $0 << 20 }
        return slot
    }

    @Test func `a change of the slot's condition gives one notice, with the remedy`() {
        var notices = SlotNotices()
        func check(_ slot: SlotState) -> SlotNotices.Notice? { notices.check(slot, name: "s", at: "h:1/d") }
        #expect(check(slot("reserved")) == nil)
        let extended = check(slot("extended", retained: 2048))
        #expect(extended?.level == .warning)
        #expect(extended?.text.contains("keeps 2 GB of WAL for slot s, more than its max_wal_size") == true)
        #expect(extended?.text.contains("without a limit") == true)
        #expect(check(slot("extended", retained: 4096)) == nil)
        #expect(check(slot("reserved"))?.level == .info)

        // With a limit: low below a quarter of it, until half of it is left.
        #expect(check(slot("reserved", retained: 60, safe: 40)) == nil)
        let low = check(slot("reserved", retained: 80, safe: 20))
        #expect(low?.text.contains("after 20 MB more it may be lost (safe_wal_size)") == true)
        #expect(low?.text.contains("raise max_slot_wal_keep_size") == true)
        #expect(check(slot("extended", retained: 60, safe: 40)) == nil)
        let worse = check(slot("unreserved", retained: 100, safe: -1))
        #expect(worse?.level == .warning && worse?.text.contains("at its next checkpoint") == true)
        #expect(check(slot("extended", retained: 40, safe: 60))?.level == .info)
        #expect(check(slot("lost")) == nil)
        #expect(notices.condition == .lost)
    }

    @Test func `commits that begin to wait for the slot's reader give one notice each time`() {
        var notices = SlotNotices()
        func check(_ isAwaited: Bool) -> String? {
            var slot = slot("reserved")
            slot.isAwaited = isAwaited
            return notices.checkAwaited(slot, at: "h:1/d")?.text
        }
        #expect(check(false) == nil)
        let notice = check(true)
        #expect(notice?.contains("every commit at h:1/d waits for Switchback") == true)
        #expect(notice?.contains("synchronous_standby_names") == true)
        #expect(check(true) == nil)
        #expect(check(false) == nil)
        #expect(check(true) != nil)
        #expect(notices.checkAwaited(nil, at: "h:1/d") == nil)
    }

    @Test(
        arguments: [
            (nil, "lost", "max_slot_wal_keep_size = 1MB"),
            ("wal_removed", "lost", "a larger max_slot_wal_keep_size"),
            ("idle_timeout", "lost", "idle_replication_slot_timeout = 30s"),
            ("wal_level_insufficient", "reserved", "wal_level is logical again"),
            ("conflict", "reserved", "the server says: conflict"),
        ] as [(String?, String, String)])
    func `a lost slot is refused with its name, the cause, what is lost and the remedy`(
        reason: String?, walStatus: String, words: String
    ) {
        var slot = slot(walStatus)
        slot.invalidationReason = reason
        slot.keepSizeMax = "1MB"
        slot.idleTimeout = "30s"
        let text = lostSlotRefusal(slot, name: "sl", at: "h:1/d", lost: "the changes after 0/5")?.reason ?? ""
        for part in [
            "the slot sl at h:1/d is lost", words, "the changes after 0/5 are lost with it",
            "begin a new migration",
        ] {
            #expect(text.contains(part), "\(text)")
        }
        #expect(lostSlotRefusal(self.slot("unreserved"), name: "sl", at: "h", lost: "") == nil)
        #expect(
            lostSlotRefusal(nil, name: "sl", at: "h", lost: "x")?.reason.contains("is gone from h") == true)
    }

    @Test func `the estimate of unapplied bytes is never too low`() {
        func segment(_ number: Int, after: UInt64, continues: Bool = false) -> StoredSegment {
            StoredSegment(
                number: number, path: "", leg: 1, afterLSN: LogPosition(number: after),
                continuesTransaction: continues,
                isApplied: false, isArchived: false, isDeleted: false, archiveLocation: nil,
                durableBytes: 0)
        }
        let mebibyte: Int64 = 1 << 20
        var unapplied = UnappliedEstimate([
            segment(0, after: 0), segment(1, after: 100), segment(2, after: 150, continues: true),
        ])
        func waiting(_ newest: Int64, end: UInt64, applied: UInt64) -> Int64 {
            unapplied.bytes(
                [
                    SegmentFile(number: 0, bytes: 64 * mebibyte),
                    SegmentFile(number: 1, bytes: 64 * mebibyte),
                    SegmentFile(number: 2, bytes: newest),
                ], end: LogPosition(number: end), applied: LogPosition(number: applied)) / mebibyte
        }
        #expect(waiting(mebibyte, end: 200, applied: 50) == 129)
        #expect(waiting(mebibyte, end: 200, applied: 120) == 65)
        // The transaction that continues from segment 1 to 2 is not applied before its commit.
        #expect(waiting(mebibyte, end: 200, applied: 160) == 65)
        #expect(waiting(3 * mebibyte, end: 300, applied: 200) == 2)
        // Inside the transaction with commit LSN 400.
        #expect(waiting(9 * mebibyte, end: 400, applied: 300) == 6)
        #expect(waiting(9 * mebibyte, end: 400, applied: 400) == 0)
    }

    @Test func `a size is read as it is written`() {
        for text in ["1 B", "10 KB", "256 MB", "1536 MB", "2 GB", "50 GB", "3 TB", "0 B"] {
            #expect(DiskLimits.bytes(text).map(DiskLimits.text) == text)
        }
        #expect(DiskLimits.bytes("512mb") == 512 << 20 && DiskLimits.bytes("2GiB") == 2 << 30)
        #expect(
            DiskLimits.bytes("4096") == 4096 && DiskLimits.bytes("GB") == nil
                && DiskLimits.bytes("1.5GB") == nil)
        #expect(DiskLimits.bytes("-1") == nil && DiskLimits.bytes("9999999TB") == nil)
        #expect(DiskLimits.text(12_884_901_889) == "12 GB")
    }
}
