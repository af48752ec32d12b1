import Engine
import Foundation
import Glibc
import Journal
import Postgres
import Records

/// The claim of this export directory to a leg's stream, for an origin that lets several readers have one
/// slot (YugabyteDB, issues 20755 and 33050).
///
/// **Lock.** Inside one export directory the kernel's lock keeps the role to one process. Between directories
/// a row on the origin does: a capture in another place that renewed it lately has the stream.
/// **Generation.** Each start of a stream takes the claim anew, with a token that only its journal has. A
/// directory whose journal does not have the last token is a copy that was left behind.
/// **Order.** The token is in the journal before it is on the origin: after a crash between the two, both are
/// known.
struct CaptureClaim {
    let context: RoleContext
    let side: Side
    let leg: Leg

    /// Time for which a claim in another place is left alone. Its holder renews it every 2 s, and stops to
    /// read after `renewalSecondsMax` without an answer.
    static let othersSeconds = 30.0
    static let renewalSecondsMax = 20.0

    /// The tokens of this directory's captures, as the journal keeps them. The last one is the newest.
    private struct Tokens: Codable {
        var tokens: [String]
    }

    private static func key(_ leg: Leg) -> String { "claim_\(leg.number)" }

    private func tokens() throws -> [String] {
        try context.journal.document(Tokens.self, key: Self.key(leg))?.tokens ?? []
    }

    private func keep(_ tokens: [String]) throws {
        let kept = Tokens(tokens: tokens)
        try context.journal.update(Tokens.self, key: Self.key(leg), initial: kept) { $0 = kept }
    }

    /// Takes the claim before a stream is started.
    ///
    /// - Parameter logged: the last commit in the log
    /// - Throws: an error with the condition `.inUse` while a capture in another place reads the stream;
    ///   `RequestRefused` if this directory is a copy that was left behind.
    func take(_ connection: borrowing PostgresConnection, logged: LogPosition) throws {
        try context.ensureClaims(side, connection)
        let uuid = try context.record().uuid
        let known = try tokens()
        let token = UUID().uuidString.lowercased()
        try keep(known + [token])
        let place = try Self.place(of: context.exportDirectory)
        let generation = try connection.claimStream(
            migration: uuid, leg: leg.number, token: token, known: known, place: place, logged: logged,
            others: Self.othersSeconds)
        guard generation == nil else { return try keep([token]) }
        try keep(known)
        guard let claim = try connection.streamClaim(migration: uuid, leg: leg.number) else {
            throw PostgresError(
                kind: .server, sqlState: "55006", message: "the claim has just been removed",
                doing: "claim the stream at \(connection.place)")
        }
        throw refusal(claim, known: known, logged: logged, at: connection.place)
    }

    /// Renews the claim while the stream runs. Throws if another capture has taken it.
    ///
    /// - Parameter logged: the last commit in the log that is durable; nil if that is not known
    func renew(_ connection: borrowing PostgresConnection, logged: LogPosition?) throws {
        let uuid = try context.record().uuid
        guard
            try !connection.renewClaim(
                migration: uuid, leg: leg.number, tokens: tokens(), logged: logged)
        else { return }
        throw RequestRefused(
            "the stream of slot \(leg.slotName) at \(connection.place) was taken over by another capture of "
                + "this migration, from a copy of the export directory \(context.exportDirectory); "
                + Self.remedy)
    }

    private func refusal(
        _ claim: StreamClaim, known: [String], logged: LogPosition, at server: String
    ) -> any Error {
        let host = claim.place.prefix { $0 != ":" }
        let stream = "the stream of slot \(leg.slotName) at \(server)"
        if !known.contains(claim.token) {
            return RequestRefused(
                "\(stream) was read since by another capture of this migration (generation "
                    + "\(claim.generation), on host \(host)): the export directory "
                    + "\(context.exportDirectory) is a copy that was left behind, and the slot does not send "
                    + "again what it lacks; \(Self.remedy)")
        }
        if claim.logged > logged {
            return RequestRefused(
                "\(stream) was read up to \(claim.logged), and the log in \(context.exportDirectory) ends at "
                    + "\(logged): it is an older copy, and the slot does not send again what it lacks; "
                    + Self.remedy)
        }
        return PostgresError(
            kind: .server, sqlState: "55006",
            message: "another capture of this migration reads the stream, on host \(host): it renewed its "
                + "claim \(Int(claim.ageSeconds)) s ago",
            doing: "claim the stream at \(server)",
            hint: "stop that one; this one may go on \(Int(Self.othersSeconds)) s later")
    }

    private static let remedy =
        "continue with the directory that has captured last, and remove the others"

    /// Returns host, device and inode of a directory: a copy of it has another one.
    static func place(of directory: String) throws -> String {
        var status = stat()
        // The path lives through the call, and the status is written by it.
        guard unsafe stat(directory, &status) == 0 else {
            throw RequestRefused("cannot read the export directory \(directory)")
        }
        return "\(ProcessInfo.processInfo.hostName):\(status.st_dev):\(status.st_ino)"
    }
}

extension PostgresConnection {
    /// Takes a claim over this connection.
    func take(_ claim: CaptureClaim, logged: LogPosition) throws { try claim.take(self, logged: logged) }
}

extension RoleContext {
    /// Creates the table of the claims, unless it is there.
    func ensureClaims(_ side: Side, _ connection: borrowing PostgresConnection) throws {
        guard try !connection.hasClaims() else { return }
        try ensureMetadataTables(side, connection)
        try OwnTransaction(context: self, side: side).run(connection, doing: "make the claims") {
            try connection.createClaims()
        }
    }
}
