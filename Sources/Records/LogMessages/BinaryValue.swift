/// The error for a column's value in its type's binary form.
///
/// Switchback never requests that form (see `StreamProtocol`), so something between it and the server did.
package struct BinaryValue: Error, Sendable, Equatable, CustomStringConvertible {
    package init() {}

    package var description: String {
        "the replication stream contains a value in binary form, which was not requested and is not applied: "
            + "make sure that nothing between here and the origin changes the options of START_REPLICATION, "
            + "and begin a new migration"
    }
}
