/// The result of one read of the stream.
package enum StreamEvent: Sendable, Equatable {
    /// The caller took messages of the output plugin and wanted no more.
    case change
    /// The server's current end of WAL; everything below it was received.
    case keepalive(walEnd: LSN, replyRequested: Bool)
    case nothing
    case ended
}
