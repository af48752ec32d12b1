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

    @Test func `a change of the slot's condition is told once, with what to do`() {
        var notices = SlotNotices()
        func look(_ slot: SlotState) -> SlotNotices.Notice? { notices.check(slot, name: "s", place: "h:1/d") }
        #expect(look(slot("reserved")) == nil)
        let extended = look(slot("extended", retained: 2048))
        #expect(extended?.level == .warning)
        #expect(extended?.text.contains("keeps 2 GB of WAL for slot s, more than its max_wal_size") == true)
        #expect(extended?.text.contains("without a limit") == true)
        #expect(look(slot("extended", retained: 4096)) == nil)
        #expect(look(slot("reserved"))?.level == .info)

        // Under a limit: a quarter of what is kept at most, and one half to leave it again.
        #expect(look(slot("reserved", retained: 60, safe: 40)) == nil)
        let low = look(slot("reserved", retained: 80, safe: 20))
        #expect(low?.text.contains("after 20 MB more it may be lost (safe_wal_size)") == true)
        #expect(low?.text.contains("raise max_slot_wal_keep_size") == true)
        #expect(look(slot("extended", retained: 60, safe: 40)) == nil)
        let worse = look(slot("unreserved", retained: 100, safe: -1))
        #expect(worse?.level == .warning && worse?.text.contains("at its next checkpoint") == true)
        #expect(look(slot("extended", retained: 40, safe: 60))?.level == .info)
        #expect(look(slot("lost")) == nil)
        #expect(notices.condition == .lost)
    }

    @Test func `commits that begin to wait for the slot's reader are told of once, each time they begin`() {
        var notices = SlotNotices()
        func look(_ isAwaited: Bool) -> String? {
            var slot = slot("reserved")
            slot.isAwaited = isAwaited
            return notices.checkAwaited(slot, place: "h:1/d")?.text
        }
        #expect(look(false) == nil)
        let told = look(true)
        #expect(told?.contains("every commit at h:1/d waits for Switchback") == true)
        #expect(told?.contains("synchronous_standby_names") == true)
        #expect(look(true) == nil)
        #expect(look(false) == nil)
        #expect(look(true) != nil)
        #expect(notices.checkAwaited(nil, place: "h:1/d") == nil)
    }

    @Test(
        arguments: [
            (nil, "lost", "max_slot_wal_keep_size = 1MB"),
            ("wal_removed", "lost", "a larger max_slot_wal_keep_size"),
            ("idle_timeout", "lost", "idle_replication_slot_timeout = 30s"),
            ("wal_level_insufficient", "reserved", "wal_level is logical again"),
            ("conflict", "reserved", "the server says: conflict"),
        ] as [(String?, String, String)])
    func `a lost slot is told with its name, the cause, what is lost and what to do`(
        reason: String?, walStatus: String, words: String
    ) {
        var slot = slot(walStatus)
        slot.invalidationReason = reason
        slot.keepSizeMax = "1MB"
        slot.idleTimeout = "30s"
        let text = lostSlotRefusal(slot, name: "sl", place: "h:1/d", lost: "the changes after 0/5")?.reason ?? ""
        for part in [
            "the slot sl at h:1/d is lost", words, "the changes after 0/5 are lost with it",
            "begin a new migration",
        ] {
            #expect(text.contains(part), "\(text)")
        }
        #expect(lostSlotRefusal(self.slot("unreserved"), name: "sl", place: "h", lost: "") == nil)
        #expect(lostSlotRefusal(nil, name: "sl", place: "h", lost: "x")?.reason.contains("is gone from h") == true)
    }

    @Test func `what waits to be applied is never told too low`() {
        func segment(_ number: Int, after: UInt64, continues: Bool = false) -> StoredSegment {
            StoredSegment(
                number: number, path: "", leg: 1, afterLSN: LSN(bytes: after),
                continuesTransaction: continues,
                isApplied: false, isArchived: false, isDeleted: false, archiveLocation: nil,
                durableBytes: 0)
        }
        let mebibyte: Int64 = 1 << 20
        var gauge = UnappliedEstimate([
            segment(0, after: 0), segment(1, after: 100), segment(2, after: 150, continues: true),
        ])
        func waiting(_ newest: Int64, end: UInt64, applied: UInt64) -> Int64 {
            gauge.unappliedBytes(
                [
                    SegmentFile(number: 0, bytes: 64 * mebibyte),
                    SegmentFile(number: 1, bytes: 64 * mebibyte),
                    SegmentFile(number: 2, bytes: newest),
                ], end: LSN(bytes: end), applied: LSN(bytes: applied)) / mebibyte
        }
        #expect(waiting(mebibyte, end: 200, applied: 50) == 129)
        #expect(waiting(mebibyte, end: 200, applied: 120) == 65)
        // The transaction that runs over from file 1 to 2 is not applied before its commit is.
        #expect(waiting(mebibyte, end: 200, applied: 160) == 65)
        #expect(waiting(3 * mebibyte, end: 300, applied: 200) == 2)
        // In the middle of the transaction that will be 400.
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
