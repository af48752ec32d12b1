/// The barriers that a cutover writes, by their purpose. The raw value is the barrier's name on the wire and
/// its key in the journal.
package enum BarrierKind: String, Codable, Sendable, CaseIterable, CodingKeyRepresentable {
    /// Written when the origin is fenced and quiesced; the drain applies everything up to it.
    case first
    /// Proves, with `first`, that nobody has written to the origin between the two.
    case quiet
    /// Written after the release; shows whether anybody wrote to the origin after the proof.
    case last
}
