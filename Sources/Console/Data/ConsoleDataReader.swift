import Engine
import Glibc

/// Reads the engine's values into `ConsoleData`: what the page in view shows, and nothing else. Reading never
/// throws: the screen shows what could not be read.
package struct ConsoleDataReader {
    private let control: any MigrationControl
    private var newestReadAt = 0.0
    private var newestTitles: [String] = []

    /// Events kept in memory.
    private static let eventsMax = 2000
    private static let incidentsMax = 500
    /// Time between two readings of the newest records.
    private static let newestEverySeconds = 1.0

    package init(control: any MigrationControl) {
        self.control = control
    }

    package mutating func read(into data: inout ConsoleData, _ reads: Reads) {
        data.trouble = nil
        do {
            data.status = try control.status()
            if reads.events || data.events.isEmpty {
                let lines = try control.events(
                    after: data.events.last?.id ?? 0, limit: ConsoleDataReader.eventsMax)
                data.events = Array((data.events + lines).suffix(ConsoleDataReader.eventsMax))
            }
            data.incidents =
                reads.incidents ? try control.incidents(limit: ConsoleDataReader.incidentsMax) : []
            data.foundDifferences = reads.rowDifferences ? try control.foundDifferences() : nil
            data.differences = reads.differences ? try control.openDifferences() : []
            if reads.offers { data.offers = try control.offeredTables() }
            // A verb or another console may have stored other answers.
            if reads.forms || data.forms == nil { data.forms = try control.databases() }
            try readNewest(into: &data, reads.newest)
            data.record = try reads.record.flatMap { try control.record(of: $0) }
            // The record just read is newer than those of all titles, which may be a second old.
            if let record = data.record, record.id >= data.newest[record.request.title]?.id ?? 0 {
                data.newest[record.request.title] = record
            }
            if reads.schemaReview { data.schemaReview = try control.schemaReview() }
        } catch {
            data.trouble = "\(error)"
        }
        data.workerIsAlive = control.workerIsAlive()
        readInquiry(into: &data, reads.inquiry)
    }

    private mutating func readNewest(into data: inout ConsoleData, _ titles: [String]) throws {
        let isNew = titles != newestTitles
        guard isNew || abs(data.now - newestReadAt) >= ConsoleDataReader.newestEverySeconds else { return }
        newestReadAt = data.now
        newestTitles = titles
        for title in titles { data.newest[title] = try control.newestRecord(titled: title) }
    }

    /// Reads the refusal, the gates and the plan of the request that the operator considers, if any.
    package func readInquiry(into data: inout ConsoleData, _ request: Request?) {
        guard let request else {
            data.inquiry = nil
            return
        }
        var inquiry = Inquiry(request: request)
        do {
            inquiry.refusal = try control.refusal(of: request)
        } catch {
            inquiry.refusal = "\(error)"
        }
        if case .initiateCutover(let options) = request {
            do { inquiry.gates = try control.gates(for: options) } catch { inquiry.refusal = "\(error)" }
        }
        do {
            inquiry.plan = try control.plan(for: request)
        } catch {
            inquiry.planTrouble = "\(error)"
        }
        data.inquiry = inquiry
    }

    /// Seconds since 1970.
    package static func now() -> Double {
        var time = timespec()
        // Sound: one structure of ours.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Seconds by which the local zone is ahead of UTC now.
    package static func utcOffset() -> Int {
        var seconds = time(nil)
        var parts = unsafe tm()
        // Sound: both structures are ours; the _r form writes nowhere else.
        unsafe localtime_r(&seconds, &parts)
        return unsafe parts.tm_gmtoff
    }
}
