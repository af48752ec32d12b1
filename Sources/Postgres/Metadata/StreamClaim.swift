import Records

/// The claim to a leg's stream as its row has it; see `switchback_claims`.
package struct StreamClaim: Sendable, Equatable {
    /// Number of times that the claim was taken.
    package let generation: Int64
    package let token: String
    /// Host, device and inode of the export directory that has it.
    package let place: String
    /// The last commit in the log of that directory, when the claim was renewed.
    package let logged: LogPosition
    package let ageSeconds: Double
}

extension PostgresConnection {
    package func hasClaims() throws(PostgresError) -> Bool {
        try query(
            "select pg_catalog.to_regclass('\(Self.metadataSchema).switchback_claims') is not null",
            doing: "find the claims"
        ).scalar == "t"
    }

    /// Creates the table of the claims, unless it is there. The other metadata tables are there.
    package func createClaims() throws(PostgresError) {
        try execute(
            String(decoding: PackageResources.create_claims_sql, as: UTF8.self), doing: "make the claims")
    }

    /// Takes the claim to a leg's stream; returns its generation, or nil if that is not allowed.
    ///
    /// - Parameters:
    ///   - known: tokens that this capture has had
    ///   - seconds: how long a claim in another place is left alone
    package func claimStream(
        migration uuid: String, leg: Int, token: String, known: [String], place: String,
        logged: LogPosition, others seconds: Double
    ) throws(PostgresError) -> Int64? {
        try query(
            file: PackageResources.claim_stream_sql,
            [
                uuid, String(leg), token, Self.textArray(known), place, logged.metadataNumber,
                String(seconds),
            ], doing: "claim the stream"
        ).scalar.flatMap { Int64($0) }
    }

    /// Returns the claim to a leg's stream; nil if nobody has taken it.
    package func streamClaim(migration uuid: String, leg: Int) throws(PostgresError) -> StreamClaim? {
        guard
            let row = try query(
                file: PackageResources.read_claim_sql, [uuid, String(leg)], doing: "read the claim"
            ).rows.first
        else { return nil }
        return StreamClaim(
            generation: row[0].flatMap { Int64($0) } ?? 0, token: row[1] ?? "", place: row[2] ?? "",
            logged: LogPosition(
                number: row[3].flatMap { Int64($0) }.map { UInt64(bitPattern: $0) } ?? 0),
            ageSeconds: row[4].flatMap { Double($0) } ?? 0)
    }

    /// Renews the claim; returns whether it is still that of one of the tokens.
    package func renewClaim(migration uuid: String, leg: Int, tokens: [String], logged: LogPosition?)
        throws(PostgresError) -> Bool
    {
        try query(
            file: PackageResources.renew_claim_sql,
            [uuid, String(leg), Self.textArray(tokens), logged?.metadataNumber], doing: "renew the claim"
        ).scalar != nil
    }
}
