import Foundation
import GRDB

/// One write transaction of the journal: all of its writes become durable together, or none does.
///
/// It is valid within the closure that gets it, and nowhere else.
package struct JournalTransaction {
    let database: Database

    /// Reads, changes and writes back a document. If `body` throws, the document stays as it was.
    @discardableResult
    package func update<T: Codable, R>(_ type: T.Type, key: String, initial: T, _ body: (inout T) throws -> R)
        throws -> R
    {
        let text = try String.fetchOne(
            database, sql: "select json_text from json_objects where key = ?", arguments: [key])
        var value = try text.map { try JSONDecoder().decode(T.self, from: Data($0.utf8)) } ?? initial
        let result = try body(&value)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let encoded = String(decoding: try encoder.encode(value), as: UTF8.self)
        if encoded != text {
            try database.execute(
                sql: """
                    insert into json_objects (key, json_text) values (?, ?)
                    on conflict (key) do update set json_text = excluded.json_text
                    """, arguments: [key, encoded])
        }
        return result
    }

    /// Inserts a request with its first state: a request that waits may be taken at once.
    package func insertRequest(
        title: String, json: String, by: String, at: Double, state: String = "waiting", answer: String = "",
        endedAt: Double? = nil
    ) throws -> Int64 {
        try database.execute(
            sql: """
                insert into request (title, request_json, asked_by, asked_at, state, answer, ended_at)
                values (?, ?, ?, ?, ?, ?, ?)
                """, arguments: [title, json, by, at, state, answer, endedAt])
        return database.lastInsertedRowID
    }

    /// Ends a request: `state` is done, refused or failed.
    package func endRequest(_ id: Int64, state: String, answer: String, findingsJSON: String?, at: Double)
        throws
    {
        try database.execute(
            sql: """
                update request
                   set state = ?, answer = ?, findings_json = coalesce(?, findings_json), ended_at = ?
                 where id = ?
                """, arguments: [state, answer, findingsJSON, at, id])
    }

    /// Inserts a line of the event log.
    package func insertEvent(level: String, origin: String, message: String, at: Double) throws {
        try database.execute(
            sql: "insert into event (at, level, origin, message) values (?, ?, ?, ?)",
            arguments: [at, level, origin, message])
    }
}

extension Journal {
    /// Runs `body` in one write transaction, which no other process can come between. If `body` throws,
    /// nothing is written.
    @discardableResult
    package func transaction<R>(_ doing: String, _ body: (JournalTransaction) throws -> R) throws -> R {
        try write(doing) { try body(JournalTransaction(database: $0)) }
    }
}
