extension Migration {
    /// The segments of this migration for the archiver.
    package func segmentShelf() throws -> any SegmentShelf { throw RequestRefused("not built yet") }
}
