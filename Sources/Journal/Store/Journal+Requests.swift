import Foundation
import GRDB

/// A row of table `request`: the engine's value as JSON, with state and answer.
package struct StoredRequest: Sendable {
    package let id: Int64
    package let title: String
    package let requestJSON: String
    package let askedBy: String
    package let askedAt: Double
    package let state: String
    package let answer: String
    package let lines: [String]
    package let findingsJSON: String
}

extension Journal {
    /// Greatest number of progress lines of a request; older ones are dropped.
    package static let requestLinesMax = 500

    /// Inserts a request with its first state: a request that waits may be taken at once.
    package func insertRequest(
        title: String, json: String, by: String, at: Double, state: String = "waiting", answer: String = "",
        endedAt: Double? = nil
    ) throws -> Int64 {
        try transaction("insert a request") {
            try $0.insertRequest(
                title: title, json: json, by: by, at: at, state: state, answer: answer, endedAt: endedAt)
        }
    }

    /// Takes the oldest request that waits and marks it running; nil if none waits.
    package func takeRequest() throws -> StoredRequest? {
        let waiting = try read("find requests") { database in
            try SQLRequest<Int64>(
                sql: "select id from request where state = 'waiting' order by id limit 1", cached: true
            ).fetchOne(database)
        }
        guard waiting != nil else { return nil }
        return try write("take a request") { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: "select * from request where state = 'waiting' order by id limit 1")
            else { return nil }
            try database.execute(
                sql: "update request set state = 'running' where id = ?", arguments: [row["id"] as Int64])
            return try Self.stored(row)
        }
    }

    /// Lets an interrupted request wait again, in the form in which it is to be repeated.
    package func requeue(_ id: Int64, json: String) throws {
        try write("requeue a request") { database in
            try database.execute(
                sql: "update request set state = 'waiting', request_json = ? where id = ?",
                arguments: [json, id])
        }
    }

    /// Requests that were running when the previous process died.
    package func runningRequests() throws -> [StoredRequest] {
        try read("find interrupted requests") { database in
            try Row.fetchAll(database, sql: "select * from request where state = 'running' order by id").map(
                Self.stored)
        }
    }

    /// Requests that nobody has ended yet, oldest first.
    package func openRequests() throws -> [StoredRequest] {
        try read("find open requests") { database in
            try Row.fetchAll(
                database, sql: "select * from request where state in ('waiting', 'running') order by id"
            ).map(Self.stored)
        }
    }

    package func request(_ id: Int64) throws -> StoredRequest? {
        try read("read a request") { database in
            try Row.fetchOne(database, sql: "select * from request where id = ?", arguments: [id]).map(
                Self.stored)
        }
    }

    package func newestRequest(title: String) throws -> StoredRequest? {
        try read("read a request") { database in
            try Row.fetchOne(
                database, sql: "select * from request where title = ? order by id desc limit 1",
                arguments: [title]
            ).map(Self.stored)
        }
    }

    /// The newest request of somebody whose name does not end with `suffix`.
    package func newestRequest(notBy suffix: String) throws -> StoredRequest? {
        try read("read a request") { database in
            try Row.fetchOne(
                database,
                sql: "select * from request where substr(asked_by, -length(?)) <> ? order by id desc limit 1",
                arguments: [suffix, suffix]
            ).map(Self.stored)
        }
    }

    package func appendLine(_ line: String, toRequest id: Int64) throws {
        try write("note a request's progress") { database in
            let text = try String.fetchOne(
                database, sql: "select lines_json from request where id = ?", arguments: [id])
            var lines = try JSONDecoder().decode([String].self, from: Data((text ?? "[]").utf8))
            lines.append(line)
            lines.removeFirst(max(0, lines.count - Self.requestLinesMax))
            try database.execute(
                sql: "update request set lines_json = ? where id = ?",
                arguments: [String(decoding: try JSONEncoder().encode(lines), as: UTF8.self), id])
        }
    }

    /// Ends a request: `state` is done, refused or failed.
    package func endRequest(_ id: Int64, state: String, answer: String, findingsJSON: String?, at: Double)
        throws
    {
        try transaction("end a request") {
            try $0.endRequest(id, state: state, answer: answer, findingsJSON: findingsJSON, at: at)
        }
    }

    private static func stored(_ row: Row) throws -> StoredRequest {
        StoredRequest(
            id: row["id"], title: row["title"], requestJSON: row["request_json"], askedBy: row["asked_by"],
            askedAt: row["asked_at"], state: row["state"], answer: row["answer"],
            lines: try JSONDecoder().decode([String].self, from: Data((row["lines_json"] as String).utf8)),
            findingsJSON: row["findings_json"])
    }
}

/// A line of the event log: a row of table `event`.
package struct StoredEvent: Sendable {
    package let id: Int64
    package let at: Double
    package let level: String
    package let origin: String
    package let message: String
}

extension Journal {
    package func insertEvent(level: String, origin: String, message: String, at: Double) throws {
        try transaction("write the event log") {
            try $0.insertEvent(level: level, origin: origin, message: message, at: at)
        }
    }

    /// Events with an id above `id`, oldest first, the newest `limit` of them.
    package func events(after id: Int64, limit: Int) throws -> [StoredEvent] {
        try read("read the event log") { database in
            try Row.fetchAll(
                database,
                sql: "select * from (select * from event where id > ? order by id desc limit ?) order by id",
                arguments: [id, limit]
            ).map {
                StoredEvent(
                    id: $0["id"], at: $0["at"], level: $0["level"], origin: $0["origin"],
                    message: $0["message"])
            }
        }
    }
}
