/// COPY in both directions.
extension PostgresConnection {
    /// Runs `COPY … TO STDOUT` and lends each row's bytes, newline included, in the server's order. Returns
    /// the number of rows. An error of `row` ends the copy and leaves the connection unusable.
    @discardableResult
    package func copyOut(_ sql: String, doing: String, row: (RawSpan) throws -> Void) throws -> Int {
        let started = libpq.execute(sql)
        guard started.status == .copyOut else { throw failure(started, doing: doing) }
        while true {
            switch try libpq.readCopy(waits: true, row) {
            case .row: break
            case .nothing, .ended: return try endOfCopy(doing: doing)
            case .failed: throw brokenConnection(doing)
            }
        }
    }

    /// Runs `COPY … FROM STDIN`; rows follow through `putCopyData`.
    package func startCopyIn(_ sql: String, doing: String) throws(PostgresError) {
        let started = libpq.execute(sql)
        guard started.status == .copyIn else { throw failure(started, doing: doing) }
    }

    /// Sends any number of bytes of COPY text; they need not end at a row's end.
    package func putCopyData(_ bytes: RawSpan, doing: String) throws(PostgresError) {
        guard libpq.putCopy(bytes) else { throw brokenConnection(doing) }
    }

    /// Ends a copy in and returns the rows the server took.
    @discardableResult
    package func endCopyIn(doing: String) throws(PostgresError) -> Int {
        guard libpq.endCopy() else { throw brokenConnection(doing) }
        return try endOfCopy(doing: doing)
    }

    /// Reads the results that follow a copy, and returns the number of its rows.
    func endOfCopy(doing: String) throws(PostgresError) -> Int {
        var rows = 0
        var error: PostgresError?
        while let result = libpq.nextResult() {
            if result.status == .done {
                rows = result.affectedRows
            } else if error == nil {
                let place = result.field(.context).flatMap(PostgresError.copyPlace)
                error = failure(result, doing: place.map { "\(doing) (\($0))" } ?? doing)
            }
        }
        if let error { throw error }
        return rows
    }
}
