/// The transport of a stream; it decides how the kernel buffers messages before they are read.
package enum StreamWay: Sendable {
    /// TCP from another host; also any transport that is not recognized.
    case network
    /// TCP inside this host, with a narrow receive buffer.
    case loopback
    case unixSocket
}
