/// The result of one read of the stream.
package enum StreamEvent: Sendable, Equatable {
    /// The caller took messages of the output plugin and wanted no more.
    case change
    /// The end of the origin's log; everything below it was received. Nil if the origin does not tell it.
    case keepalive(logEnd: LogPosition?, replyRequested: Bool)
    case nothing
    case ended
}
