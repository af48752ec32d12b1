import Console
import Glibc
import Testing

@Suite struct TerminalWriterTests {
    /// A pipe in place of a terminal: its writing end does not block.
    private final class Ends {
        let reading: Int32
        let writer: TerminalWriter

        init() {
            var ends: [Int32] = [-1, -1]
            // Sound: the array has room for the two integers.
            #expect(unsafe pipe(&ends) == 0)
            _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
            reading = ends[0]
            writer = TerminalWriter(descriptor: ends[1])
        }

        deinit { closeReading() }

        func closeReading() {
            if isOpen { close(reading) }
            isOpen = false
        }

        private var isOpen = true

        func read() -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 30_000)
            // Sound: the array has room for that many bytes.
            let count = unsafe Glibc.read(reading, &bytes, bytes.count)
            return Array(bytes.prefix(max(0, count)))
        }
    }

    @Test func `what fits goes by one write`() {
        let ends = Ends()
        #expect(ends.writer.write(Array(repeating: 7, count: 20_000), waitingMilliseconds: 0))
        #expect(ends.writer.counts == TerminalWriter.Counts(writes: 1, bytes: 20_000))
        #expect(ends.read().count == 20_000)
    }

    @Test func `what a slow terminal does not take waits, and stays in order`() {
        let ends = Ends()
        let first = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
        #expect(!ends.writer.write(first, waitingMilliseconds: 0))
        #expect(!ends.writer.isClear)
        #expect(!ends.writer.write([1, 2, 3], waitingMilliseconds: 5))
        var received: [UInt8] = []
        while !ends.writer.isClear {
            received += ends.read()
            ends.writer.flush(waitingMilliseconds: 0)
        }
        while received.count < first.count + 3 { received += ends.read() }
        #expect(received == first + [1, 2, 3])
        #expect(!ends.writer.isGone)
    }

    @Test func `a terminal that is gone is told, and nothing waits for it`() {
        signal(SIGPIPE, SIG_IGN)
        let ends = Ends()
        ends.closeReading()
        #expect(!ends.writer.write([1], waitingMilliseconds: 1000))
        #expect(ends.writer.isGone)
        #expect(ends.writer.isClear)
    }
}
