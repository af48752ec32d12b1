import Records

/// The failure of a window that the server refused, or whose rows it did not find. Everything after the
/// watermark has to be applied again, row by row up to `through`: then the reason is known with its row's
/// table.
package struct WindowFailure: Error, Sendable {
    package let through: LSN
    package let error: PostgresError
}
