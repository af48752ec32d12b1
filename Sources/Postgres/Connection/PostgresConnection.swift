import CPostgres
import Glibc
import Records

/// One connection to a server, and the only file that knows libpq.
///
/// It owns its `PGconn` and frees it. Calls block, so it lives inside an actor with a `SessionThread`,
/// never on the shared pool. Every call throws `PostgresError`; after one whose `isConnectionLoss` is
/// true the connection is of no more use.
@safe package struct PostgresConnection: ~Copyable {
    private let handle: OpaquePointer
    package let place: String
    package let user: String
    /// What the session pins; nil where it has the server's own settings.
    package let settings: SessionSettings?

    /// Connects; throws a `PostgresError` of kind `connection`, with the server's reason, where that fails, and of kind `pooler`
    /// where no server's own session answers.
    ///
    /// - Parameter settings: what the session pins; nil for the server's own settings, as an application has them
    package init(
        _ access: DatabaseAccess, applicationName: String, settings: SessionSettings?,
        replication: Bool = false
    ) throws(PostgresError) {
        let mark = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        let pairs = access.parameters.keywords(
            password: access.password, applicationName: applicationName, replication: replication,
            options: settings?.options(mark: mark))
        let handle = unsafe try Self.connect(pairs, place: access.parameters.place)
        self = try unsafe Self(handle, access.parameters, settings).pinned(mark: mark)
    }

    private init(_ handle: OpaquePointer, _ parameters: ConnectionParameters, _ settings: SessionSettings?) {
        unsafe self.handle = unsafe handle
        place = parameters.place
        user = parameters.user
        self.settings = settings
    }

    private static func connect(_ pairs: [(String, String)], place: String) throws(PostgresError)
        -> OpaquePointer
    {
        let connected = unsafe Self.withCStrings(pairs.map(\.0)) { keywords in
            unsafe Self.withCStrings(pairs.map(\.1)) { values in
                unsafe PQconnectdbParams(keywords, values, 0)
            }
        }
        // Null only where libpq has no memory for the handle itself.
        guard let connected = unsafe connected else {
            throw PostgresError(kind: .connection, message: "out of memory", doing: "connect to \(place)")
        }
        guard unsafe PQstatus(connected) == CONNECTION_OK else {
            let reason = unsafe Self.text(PQerrorMessage(connected))
            unsafe PQfinish(connected)
            throw PostgresError.refusedConnection(reason, place: place)
        }
        unsafe PQsetErrorVerbosity(connected, PQERRORS_TERSE)
        // NOTICE lines would land on the screen the console owns.
        unsafe _ = PQsetNoticeProcessor(connected, { _, _ in }, nil)
        return unsafe connected
    }

    /// This connection with its settings complete, once it is known that the session is its own.
    private consuming func pinned(mark: String) throws(PostgresError) -> Self {
        guard let settings else { return self }
        let identity = SessionIdentity(mark: mark, announcedProcessID: processID)
        let first = try look(settings, mark: mark)
        var verdict = identity.verdict(first)
        if verdict == .askAgain { verdict = identity.verdict(first, try look(settings, mark: mark)) }
        switch verdict {
        case .ownSession: return self
        case .askAgain: throw .pooled(place: place, reason: "its session cannot be told from others")
        case .pooled(let reason): throw .pooled(place: place, reason: reason)
        }
    }

    private func look(_ settings: SessionSettings, mark: String) throws(PostgresError) -> SessionIdentity.Look
    {
        let row = try execute(settings.completion(mark: mark), doing: "pin the session's settings").rows.first
        return SessionIdentity.Look(processID: row?[0].flatMap { Int($0) } ?? 0, mark: row?[1])
    }

    deinit {
        // Sound: nobody else holds the handle.
        unsafe PQfinish(handle)
    }

    /// 150004 for 15.4 (libpq manual, `PQserverVersion`).
    package var serverVersion: Int { unsafe Int(PQserverVersion(handle)) }

    package var processID: Int { unsafe Int(PQbackendPID(handle)) }

    package func parameterStatus(_ name: String) -> String? {
        unsafe PQparameterStatus(handle, name).map { unsafe String(cString: $0) }
    }

    // MARK: Statements

    /// Runs SQL text, also several statements, in the simple protocol, and returns the last result.
    @discardableResult
    package func execute(_ sql: String, doing: String = "run a statement") throws(PostgresError) -> ResultSet
    {
        let result = unsafe PostgresResult(PQexec(handle, sql))
        return try finish(result, doing: doing)
    }

    /// Runs one statement with its parameters as text.
    @discardableResult
    package func query(_ sql: String, _ parameters: [String?] = [], doing: String = "run a query")
        throws(PostgresError) -> ResultSet
    {
        let answer = unsafe Self.withOptionalCStrings(parameters) { values in
            unsafe PQexecParams(handle, sql, Int32(parameters.count), nil, values, nil, nil, 0)
        }
        return try finish(unsafe PostgresResult(answer), doing: doing)
    }

    /// Runs SQL text that may wait long. `meanwhile` is called about once a second until the answer comes; what it throws
    /// cancels the statement, and is thrown on.
    package func execute(_ sql: String, doing: String, meanwhile: () throws -> Void) throws -> ResultSet {
        guard unsafe PQsendQuery(handle, sql) == 1 else { throw brokenConnection(doing) }
        while unsafe PQisBusy(handle) == 1 {
            try awaitSocket(Int16(POLLIN), milliseconds: Self.attendMilliseconds)
            guard unsafe PQconsumeInput(handle) == 1 else { throw brokenConnection(doing) }
            guard unsafe PQisBusy(handle) == 1 else { break }
            do { try meanwhile() } catch {
                cancel()
                throw error
            }
        }
        let result = unsafe PostgresResult(PQgetResult(handle))
        while let rest = unsafe PQgetResult(handle) { unsafe PQclear(rest) }
        return try finish(result, doing: doing)
    }

    private static let attendMilliseconds = 1000
    private static let cancelMilliseconds = 5000

    /// Asks the server to leave the statement under way, and waits for its answer within a bound.
    private func cancel() {
        guard let key = unsafe PQgetCancel(handle) else { return }
        var reason = [CChar](repeating: 0, count: 256)
        // The buffer lives through the call, which writes at most its length.
        unsafe _ = PQcancel(key, &reason, Int32(reason.count))
        unsafe PQfreeCancel(key)
        let socket = unsafe PQsocket(handle)
        guard socket >= 0 else { return }
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        unsafe _ = poll(&waiting, 1, Int32(Self.cancelMilliseconds))
    }

    private func finish(_ result: borrowing PostgresResult, doing: String) throws(PostgresError) -> ResultSet
    {
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE: return result.rows()
        default: throw failure(result, doing: doing)
        }
    }

    /// The error a result carries; a lost connection where there is no SQLSTATE.
    private func failure(_ result: borrowing PostgresResult, doing: String) -> PostgresError {
        guard result.field(.sqlState)?.isEmpty == false else { return brokenConnection(doing) }
        return PostgresError(doing: doing) { result.field($0) }
    }

    private func brokenConnection(_ doing: String) -> PostgresError {
        PostgresError(
            kind: .connection, message: unsafe Self.text(PQerrorMessage(handle)),
            doing: "\(doing) at \(place)")
    }

    // MARK: COPY

    /// Runs `COPY … TO STDOUT` and lends each row's bytes, newline included, in the server's order.
    /// Returns the rows. Whatever `row` throws ends the copy and leaves the connection unusable.
    @discardableResult
    package func copyOut(_ sql: String, doing: String, row: (RawSpan) throws -> Void) throws -> Int {
        let started = unsafe PostgresResult(PQexec(handle, sql))
        guard started.status == PGRES_COPY_OUT else { throw failure(started, doing: doing) }
        while true {
            var buffer: UnsafeMutablePointer<CChar>?
            let length = unsafe PQgetCopyData(handle, &buffer, 0)
            guard length > 0, let data = unsafe buffer else {
                if length == -2 { throw brokenConnection(doing) }
                break
            }
            // The bytes are libpq's until freed below, after the row was lent.
            defer { unsafe PQfreemem(data) }
            try unsafe row(RawSpan(_unsafeStart: UnsafeRawPointer(data), byteCount: Int(length)))
        }
        return try endOfCopy(doing: doing)
    }

    /// Runs `COPY … FROM STDIN`; rows follow through `putCopyData`.
    package func startCopyIn(_ sql: String, doing: String) throws(PostgresError) {
        let started = unsafe PostgresResult(PQexec(handle, sql))
        guard started.status == PGRES_COPY_IN else { throw failure(started, doing: doing) }
    }

    /// Sends any number of bytes of COPY text; they need not end at a row's end.
    package func putCopyData(_ bytes: RawSpan, doing: String) throws(PostgresError) {
        let sent = unsafe bytes.withUnsafeBytes { raw in
            unsafe PQputCopyData(
                handle, raw.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(raw.count))
        }
        guard sent == 1 else { throw brokenConnection(doing) }
    }

    /// Ends a copy in and returns the rows the server took.
    @discardableResult
    package func endCopyIn(doing: String) throws(PostgresError) -> Int {
        guard unsafe PQputCopyEnd(handle, nil) == 1 else { throw brokenConnection(doing) }
        return try endOfCopy(doing: doing)
    }

    private func endOfCopy(doing: String) throws(PostgresError) -> Int {
        var rows = 0
        var error: PostgresError?
        while let pointer = unsafe PQgetResult(handle) {
            let result = unsafe PostgresResult(pointer)
            if result.status == PGRES_COMMAND_OK {
                rows = result.affectedRows
            } else if error == nil {
                let place = result.field(.context).flatMap(PostgresError.copyPlace)
                error = failure(result, doing: place.map { "\(doing) (\($0))" } ?? doing)
            }
        }
        if let error { throw error }
        return rows
    }

    // MARK: Replication (manual chapter "Streaming Replication Protocol")

    /// Sends START_REPLICATION; from here on `receive` and `send` are the only calls.
    package func startReplication(_ command: String) throws(PostgresError) {
        let result = unsafe PostgresResult(PQexec(handle, command))
        guard result.status == PGRES_COPY_BOTH else {
            throw failure(result, doing: "start the replication stream")
        }
        guard unsafe PQsetnonblocking(handle, 1) == 0 else { throw brokenConnection(Self.streaming) }
    }

    /// Sends START_REPLICATION for `StreamSocket` to read the answer and all that follows, and gives it the socket; nil, and
    /// nothing is sent, where what travels on it is encrypted. From here on no other call may be made.
    func sendReplication(_ command: String) throws(PostgresError) -> Int32? {
        guard unsafe PQsslInUse(handle) == 0, unsafe PQgssEncInUse(handle) == 0 else { return nil }
        // libpq's buffer is empty: all answers before were read to their end, and in the blocking mode it sends the whole.
        guard unsafe PQsendQuery(handle, command) == 1 else { throw brokenConnection(Self.streaming) }
        return unsafe PQsocket(handle)
    }

    /// See `ReceiveBuffer.narrow`.
    package func narrowReceiveBuffer() -> StreamWay { unsafe ReceiveBuffer.narrow(PQsocket(handle)) }

    /// See `ReceiveBuffer.wake`.
    package func wake(atBytes bytes: Int32) { unsafe ReceiveBuffer.wake(PQsocket(handle), atBytes: bytes) }

    /// Takes in what the kernel has, without waiting; at most what libpq's buffer has room for.
    package func takeIn() throws(PostgresError) {
        guard unsafe PQconsumeInput(handle) == 1 else { throw brokenConnection(Self.streaming) }
    }

    /// What is being done while messages of a stream are received.
    static let streaming = "stream"

    package enum Received: Sendable {
        case message
        /// Nothing came within the wait.
        case nothing
        /// The server ended the stream in good order.
        case ended
    }

    /// Lends the next message of the stream, waiting for it at most `waitMilliseconds`.
    package func receive(waitMilliseconds: Int, message: (RawSpan) throws -> Void) throws -> Received {
        var waited = false
        while true {
            var buffer: UnsafeMutablePointer<CChar>?
            let length = unsafe PQgetCopyData(handle, &buffer, 1)
            if length > 0, let data = unsafe buffer {
                defer { unsafe PQfreemem(data) }
                try unsafe message(RawSpan(_unsafeStart: UnsafeRawPointer(data), byteCount: Int(length)))
                return .message
            }
            if length == -1 {
                _ = try endOfCopy(doing: Self.streaming)
                return .ended
            }
            if length == -2 { throw brokenConnection(Self.streaming) }
            if waited || waitMilliseconds == 0 { return .nothing }
            try awaitSocket(Int16(POLLIN), milliseconds: waitMilliseconds)
            guard unsafe PQconsumeInput(handle) == 1 else { throw brokenConnection(Self.streaming) }
            waited = true
        }
    }

    /// Sends a message into the stream (a standby status update) and flushes it.
    package func send(_ bytes: [UInt8]) throws(PostgresError) {
        let sent = unsafe bytes.withUnsafeBytes { raw in
            unsafe PQputCopyData(
                handle, raw.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(raw.count))
        }
        guard sent == 1 else { throw brokenConnection("send the confirmed position") }
        while true {
            switch unsafe PQflush(handle) {
            case 0: return
            case 1: try awaitSocket(Int16(POLLOUT), milliseconds: 1000)
            default: throw brokenConnection("send the confirmed position")
            }
        }
    }

    /// Waits until the socket is ready for `events` or the time is over.
    private func awaitSocket(_ events: Int16, milliseconds: Int) throws(PostgresError) {
        let socket = unsafe PQsocket(handle)
        guard socket >= 0 else { throw brokenConnection("wait for the server") }
        var waiting = pollfd(fd: socket, events: events, revents: 0)
        unsafe _ = poll(&waiting, 1, Int32(milliseconds))
    }

    // MARK: Pipeline (libpq manual, "Pipeline Mode")

    /// Prepares a statement outside of the pipeline.
    package func prepare(name: String, sql: String) throws(PostgresError) {
        let result = unsafe PostgresResult(PQprepare(handle, name, sql, 0, nil))
        guard result.status == PGRES_COMMAND_OK else { throw failure(result, doing: "prepare a statement") }
    }

    /// From here on statements are queued with `queuePrepare` and `queue`, and answered in `drain`.
    package func enterPipeline() throws(PostgresError) {
        guard unsafe PQsetnonblocking(handle, 1) == 0, unsafe PQenterPipelineMode(handle) == 1 else {
            throw brokenConnection("enter pipeline mode")
        }
    }

    package func queuePrepare(name: String, sql: String) throws(PostgresError) {
        guard unsafe PQsendPrepare(handle, name, sql, 0, nil) == 1 else { throw brokenConnection("prepare") }
    }

    /// Queues a prepared statement with its values.
    package func queue(name: String, _ values: borrowing ParameterBuffer) throws(PostgresError) {
        let sent = unsafe values.withPointers { pointers, lengths, formats in
            unsafe PQsendQueryPrepared(
                handle, name, Int32(pointers.count), pointers.baseAddress, lengths, formats, 0)
        }
        guard sent == 1 else { throw brokenConnection("apply") }
    }

    /// The same with a few values, null for NULL.
    package func queue(name: String, _ parameters: [String?]) throws(PostgresError) {
        let sent = unsafe Self.withOptionalCStrings(parameters) { values in
            unsafe PQsendQueryPrepared(handle, name, Int32(parameters.count), values, nil, nil, 0)
        }
        guard sent == 1 else { throw brokenConnection("apply") }
    }

    /// What to wait for, as `poll` takes it, until more can be sent or an answer has come.
    package var awaited: (socket: Int32, events: Int16) {
        unsafe (PQsocket(handle), Int16(PQflush(handle) == 1 ? POLLIN | POLLOUT : POLLIN))
    }

    /// Queues a statement that is used once.
    package func queue(sql: String, _ parameters: [String?] = []) throws(PostgresError) {
        let sent = unsafe Self.withOptionalCStrings(parameters) { values in
            unsafe PQsendQueryParams(handle, sql, Int32(parameters.count), nil, values, nil, nil, 0)
        }
        guard sent == 1 else { throw brokenConnection("apply") }
    }

    /// Hands what is queued to the kernel as far as it takes it, and takes in answers, so that
    /// neither side's buffer fills while the other waits.
    package func pump() throws(PostgresError) {
        guard unsafe PQflush(handle) >= 0, unsafe PQconsumeInput(handle) == 1 else {
            throw brokenConnection("apply")
        }
    }

    /// Ends a run of queued statements and reads their answers: `answer` gets, for each of the `count`
    /// statements in order, the rows it touched. Throws the first statement's error that failed, with
    /// its place in the run, after all answers were read.
    package func drain(count: Int, answer: (Int, Int) -> Void) throws(PipelineFailure) {
        guard unsafe PQpipelineSync(handle) == 1 else { throw PipelineFailure(0, brokenConnection("apply")) }
        while true {
            let flushed = unsafe PQflush(handle)
            if flushed == 0 { break }
            guard flushed == 1 else { throw PipelineFailure(0, brokenConnection("apply")) }
            do { try awaitSocket(Int16(POLLIN | POLLOUT), milliseconds: 1000) } catch {
                throw PipelineFailure(0, error)
            }
            guard unsafe PQconsumeInput(handle) == 1 else {
                throw PipelineFailure(0, brokenConnection("apply"))
            }
        }
        var firstFailure: PipelineFailure?
        for index in 0..<count {
            while let pointer = unsafe PQgetResult(handle) {
                let result = unsafe PostgresResult(pointer)
                switch result.status {
                case PGRES_COMMAND_OK, PGRES_TUPLES_OK: answer(index, result.affectedRows)
                case PGRES_PIPELINE_ABORTED: break
                default:
                    if firstFailure == nil {
                        firstFailure = PipelineFailure(index, failure(result, doing: "apply"))
                    }
                }
            }
            if unsafe PQstatus(handle) != CONNECTION_OK {
                throw firstFailure ?? PipelineFailure(index, brokenConnection("apply"))
            }
        }
        guard let pointer = unsafe PQgetResult(handle) else {
            throw firstFailure ?? PipelineFailure(count, brokenConnection("apply"))
        }
        let sync = unsafe PostgresResult(pointer)
        guard sync.status == PGRES_PIPELINE_SYNC else {
            throw firstFailure ?? PipelineFailure(count, failure(sync, doing: "apply"))
        }
        if let firstFailure { throw firstFailure }
    }

    /// Ends a run of queued statements and hands the kernel what it takes, without waiting for answers; `collect` reads them
    /// later, run by run.
    package func queueSync() throws(PostgresError) {
        guard unsafe PQpipelineSync(handle) == 1 else { throw brokenConnection("apply") }
    }

    /// Whether the answers of the oldest run have begun to come.
    package func hasAnswers() throws(PostgresError) -> Bool {
        try pump()
        return unsafe PQisBusy(handle) == 0
    }

    /// Reads the answers of one run of `count` statements. Throws the first statement's error that failed, with its place
    /// in the run, after all of the run's answers were read.
    package func collect(count: Int) throws(PipelineFailure) {
        var firstFailure: PipelineFailure?
        for index in 0..<count {
            while let pointer = unsafe try nextResult(index) {
                let result = unsafe PostgresResult(pointer)
                switch result.status {
                case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_PIPELINE_ABORTED: break
                default:
                    if firstFailure == nil {
                        firstFailure = PipelineFailure(index, failure(result, doing: "apply"))
                    }
                }
            }
        }
        guard let pointer = unsafe try nextResult(count) else {
            throw firstFailure ?? PipelineFailure(count, brokenConnection("apply"))
        }
        let sync = unsafe PostgresResult(pointer)
        guard sync.status == PGRES_PIPELINE_SYNC else {
            throw firstFailure ?? PipelineFailure(count, failure(sync, doing: "apply"))
        }
        if let firstFailure { throw firstFailure }
    }

    /// The next result, waiting for it while what is queued goes out, so that neither side's buffer fills for ever.
    private func nextResult(_ index: Int) throws(PipelineFailure) -> OpaquePointer? {
        while unsafe PQisBusy(handle) == 1 {
            let flushed = unsafe PQflush(handle)
            guard flushed >= 0 else { throw PipelineFailure(index, brokenConnection("apply")) }
            do {
                try awaitSocket(Int16(flushed == 1 ? POLLIN | POLLOUT : POLLIN), milliseconds: 1000)
            } catch { throw PipelineFailure(index, error) }
            guard unsafe PQconsumeInput(handle) == 1 else {
                throw PipelineFailure(index, brokenConnection("apply"))
            }
        }
        return unsafe PQgetResult(handle)
    }

    // MARK: C strings

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        guard let pointer = unsafe pointer else { return "no reason given" }
        let lines = unsafe String(cString: pointer).split(separator: "\n").map { line in
            line.drop { $0 == " " || $0 == "\t" }
        }
        return lines.isEmpty ? "the connection is gone" : lines.joined(separator: "; ")
    }

    /// Lends a null-terminated array of C strings for the length of the call.
    private static func withCStrings<R>(
        _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R
    ) -> R {
        unsafe withOptionalCStrings(strings.map { $0 }, body)
    }

    private static func withOptionalCStrings<R>(
        _ strings: [String?],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R
    ) -> R {
        // One copy a string, freed below; libpq has taken what it needs when the call returns.
        let copies = unsafe strings.map { text in unsafe text.flatMap { unsafe strdup($0) } }
        defer { unsafe copies.forEach { unsafe free($0) } }
        var pointers = unsafe copies.map { unsafe UnsafePointer<CChar>($0) }
        unsafe pointers.append(nil)
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
    }
}

/// A statement of a pipeline that failed, and its place in the run.
package struct PipelineFailure: Error, Sendable {
    package let index: Int
    package let error: PostgresError

    package init(_ index: Int, _ error: PostgresError) {
        self.index = index
        self.error = error
    }
}

/// The owner of a `PGresult`.
@safe private struct PostgresResult: ~Copyable {
    private let handle: OpaquePointer?

    init(_ handle: OpaquePointer?) { unsafe self.handle = unsafe handle }

    deinit { unsafe PQclear(handle) }

    var status: ExecStatusType { unsafe PQresultStatus(handle) }

    var affectedRows: Int {
        unsafe PQcmdTuples(handle).flatMap { unsafe Int(String(cString: $0)) } ?? 0
    }

    func field(_ field: ErrorField) -> String? {
        unsafe PQresultErrorField(handle, Int32(field.rawValue)).map { unsafe String(cString: $0) }
    }

    func rows() -> ResultSet {
        let width = unsafe PQnfields(handle)
        let columns = (0..<width).map { unsafe String(cString: PQfname(handle, $0)) }
        let rows = unsafe (0..<PQntuples(handle)).map { row in
            (0..<width).map { column -> String? in
                unsafe PQgetisnull(handle, row, column) == 1
                    ? nil : String(cString: PQgetvalue(handle, row, column))
            }
        }
        return ResultSet(columns: columns, rows: rows, affectedRows: affectedRows)
    }
}
