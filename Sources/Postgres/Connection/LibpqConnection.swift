import CPostgres
import Glibc

/// A `PGconn` of libpq, and its owner. This file is the only one that imports libpq: no pointer leaves it.
///
/// Calls return what libpq returns; `PostgresConnection` makes values and errors of that.
@safe struct LibpqConnection: ~Copyable {
    private let handle: OpaquePointer

    /// Connects with libpq's keywords and values. Throws the server's reason if that fails.
    init(_ keywords: [(String, String)], place: String) throws(PostgresError) {
        let connected = unsafe Self.withCStrings(keywords.map(\.0)) { names in
            unsafe Self.withCStrings(keywords.map(\.1)) { values in
                unsafe PQconnectdbParams(names, values, 0)
            }
        }
        // Null only if libpq has no memory for the handle itself.
        guard let connected = unsafe connected else {
            throw PostgresError(kind: .connection, message: "out of memory", doing: "connect to \(place)")
        }
        guard unsafe PQstatus(connected) == CONNECTION_OK else {
            let reason = unsafe Self.text(PQerrorMessage(connected))
            unsafe PQfinish(connected)
            throw PostgresError.refusedConnection(reason, place: place)
        }
        unsafe PQsetErrorVerbosity(connected, PQERRORS_TERSE)
        // NOTICE lines would be printed over the console's screen.
        unsafe _ = PQsetNoticeProcessor(connected, { _, _ in }, nil)
        unsafe handle = connected
    }

    deinit {
        // Sound: nobody else has the handle.
        unsafe PQfinish(handle)
    }

    // Sound in all that follows: the handle is valid until `deinit`.

    var isConnected: Bool { unsafe PQstatus(handle) == CONNECTION_OK }

    /// libpq's last error message, in one line.
    var errorText: String { unsafe Self.text(PQerrorMessage(handle)) }

    /// 150004 for 15.4 (libpq manual, `PQserverVersion`).
    var serverVersion: Int { unsafe Int(PQserverVersion(handle)) }

    var processID: Int { unsafe Int(PQbackendPID(handle)) }

    func parameterStatus(_ name: String) -> String? {
        unsafe PQparameterStatus(handle, name).map { unsafe String(cString: $0) }
    }

    /// Negative if there is no connection.
    var socket: Int32 { unsafe PQsocket(handle) }

    var isEncrypted: Bool { unsafe PQsslInUse(handle) != 0 || PQgssEncInUse(handle) != 0 }

    // MARK: Statements that are waited for

    func execute(_ sql: String) -> LibpqResult { unsafe LibpqResult(PQexec(handle, sql)) }

    func execute(_ sql: String, _ parameters: [String?]) -> LibpqResult {
        let result = unsafe Self.withOptionalCStrings(parameters) { values in
            unsafe PQexecParams(handle, sql, Int32(parameters.count), nil, values, nil, nil, 0)
        }
        return unsafe LibpqResult(result)
    }

    func prepare(_ name: String, _ sql: String) -> LibpqResult {
        unsafe LibpqResult(PQprepare(handle, name, sql, 0, nil))
    }

    // MARK: Statements that are sent; false if the connection is broken

    func send(_ sql: String) -> Bool { unsafe PQsendQuery(handle, sql) == 1 }

    func send(_ sql: String, _ parameters: [String?]) -> Bool {
        unsafe Self.withOptionalCStrings(parameters) { values in
            unsafe PQsendQueryParams(handle, sql, Int32(parameters.count), nil, values, nil, nil, 0) == 1
        }
    }

    func sendPrepare(_ name: String, _ sql: String) -> Bool {
        unsafe PQsendPrepare(handle, name, sql, 0, nil) == 1
    }

    func sendPrepared(_ name: String, _ values: borrowing ParameterBuffer) -> Bool {
        unsafe values.withPointers { pointers, lengths, formats in
            unsafe PQsendQueryPrepared(
                handle, name, Int32(pointers.count), pointers.baseAddress, lengths, formats, 0) == 1
        }
    }

    func sendPrepared(_ name: String, _ parameters: [String?]) -> Bool {
        unsafe Self.withOptionalCStrings(parameters) { values in
            unsafe PQsendQueryPrepared(handle, name, Int32(parameters.count), values, nil, nil, 0) == 1
        }
    }

    func setNonblocking() -> Bool { unsafe PQsetnonblocking(handle, 1) == 0 }

    func enterPipeline() -> Bool { unsafe PQenterPipelineMode(handle) == 1 }

    func syncPipeline() -> Bool { unsafe PQpipelineSync(handle) == 1 }

    /// The result of a flush.
    enum Flush {
        case done
        /// The kernel takes no more for now.
        case pending
        case failed
    }

    func flush() -> Flush {
        switch unsafe PQflush(handle) {
        case 0: .done
        case 1: .pending
        default: .failed
        }
    }

    // MARK: Answers

    /// Reads what the kernel has, without waiting; at most what libpq's buffer has room for. False if the
    /// connection is broken.
    func consumeInput() -> Bool { unsafe PQconsumeInput(handle) == 1 }

    /// Whether `nextResult` would wait.
    var isBusy: Bool { unsafe PQisBusy(handle) == 1 }

    /// Returns the next result; nil after the last one of a statement.
    func nextResult() -> LibpqResult? {
        guard let result = unsafe PQgetResult(handle) else { return nil }
        return unsafe LibpqResult(result)
    }

    /// Asks the server to cancel the running statement. A failure is not reported: the caller waits for the
    /// answer anyway.
    func cancel() {
        guard let key = unsafe PQgetCancel(handle) else { return }
        var reason = [CChar](repeating: 0, count: 256)
        // The buffer lives through the call, which writes at most its length.
        unsafe _ = PQcancel(key, &reason, Int32(reason.count))
        unsafe PQfreeCancel(key)
    }

    // MARK: COPY

    /// The result of a read from a copy out.
    enum CopyRead {
        case row
        /// Nothing has come yet; only if `readCopy` was not to wait.
        case nothing
        case ended
        case failed
    }

    /// Lends the next row or message of a copy out.
    func readCopy(waits: Bool, _ row: (RawSpan) throws -> Void) throws -> CopyRead {
        var buffer: UnsafeMutablePointer<CChar>?
        switch unsafe PQgetCopyData(handle, &buffer, waits ? 0 : 1) {
        case let length where length > 0:
            guard let data = unsafe buffer else { return .failed }
            // The bytes are libpq's until freed below, after the row was lent.
            defer { unsafe PQfreemem(data) }
            try unsafe row(RawSpan(_unsafeStart: UnsafeRawPointer(data), byteCount: Int(length)))
            return .row
        case 0: return .nothing
        case -1: return .ended
        default: return .failed
        }
    }

    /// Sends bytes of a copy in; false if the connection is broken.
    func putCopy(_ bytes: RawSpan) -> Bool {
        // The bytes are read within the call.
        unsafe bytes.withUnsafeBytes { raw in
            unsafe PQputCopyData(
                handle, raw.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(raw.count)) == 1
        }
    }

    func endCopy() -> Bool { unsafe PQputCopyEnd(handle, nil) == 1 }

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
        _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R
    ) -> R {
        // One copy per string, freed below; libpq has taken what it needs when the call returns.
        let copies = unsafe strings.map { text in unsafe text.flatMap { unsafe strdup($0) } }
        defer { unsafe copies.forEach { unsafe free($0) } }
        var pointers = unsafe copies.map { unsafe UnsafePointer<CChar>($0) }
        unsafe pointers.append(nil)
        // The array ends with its null, so it has a first element.
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
    }
}

/// A `PGresult` of libpq, and its owner.
@safe struct LibpqResult: ~Copyable {
    enum Status {
        case rows
        case done
        case copyOut
        case copyIn
        case copyBoth
        case pipelineSync
        /// Not executed, because a statement before it in the pipeline failed.
        case pipelineAborted
        case failed
    }

    private let handle: OpaquePointer?

    fileprivate init(_ handle: OpaquePointer?) { unsafe self.handle = unsafe handle }

    deinit { unsafe PQclear(handle) }

    // Sound in all that follows: the handle is valid until `deinit`; libpq takes null for a failed result.

    var status: Status {
        switch unsafe PQresultStatus(handle) {
        case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE: .rows
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .done
        case PGRES_COPY_OUT: .copyOut
        case PGRES_COPY_IN: .copyIn
        case PGRES_COPY_BOTH: .copyBoth
        case PGRES_PIPELINE_SYNC: .pipelineSync
        case PGRES_PIPELINE_ABORTED: .pipelineAborted
        default: .failed
        }
    }

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
