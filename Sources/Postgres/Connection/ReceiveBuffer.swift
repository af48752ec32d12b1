import Glibc
import Records

/// The kernel's receive buffer of a connection.
///
/// A server sends each message of a stream by itself, with TCP_NODELAY. On the loopback each message is a
/// packet of its own while the receive buffer has room, because nothing delays packets there so that they are
/// joined. Once the buffer is full, the sender's kernel joins the messages that it has to keep (Linux,
/// `tcp_sendmsg`). A narrow buffer is full soon. Between hosts it would delay the sender by a round trip each
/// time, so it is not changed there.
///
/// A Unix socket has no packets to join. Its sender keeps a few hundred single messages, and then sleeps
/// until three quarters are read (Linux, `unix_stream_sendmsg` and `unix_writable`).
enum ReceiveBuffer {
    /// Size of a narrow buffer. Linux doubles it for its own bookkeeping (socket(7), SO_RCVBUF), which is the
    /// initial size of a connection, and lets it grow no more. With a quarter of it, connections stall.
    private static let narrowBytes: Int32 = 64 << 10

    /// Returns the transport of a connection. If both ends of a TCP connection are on this host, makes its
    /// receive buffer narrow.
    static func narrow(_ socket: Int32) -> StreamWay {
        // Both functions fill an address as `address` expects.
        guard let own = unsafe address(socket, getsockname), let other = unsafe address(socket, getpeername)
        else { return .network }
        if case .unix = own { return .unixSocket }
        guard own == other else { return .network }
        var bytes = narrowBytes
        // The option is an integer of the given size.
        let isNarrow =
            unsafe setsockopt(
                socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout.size(ofValue: bytes))) == 0
        return isNarrow ? .loopback : .network
    }

    /// Sets the number of bytes at which a poll of a TCP connection ends; it is 1 by default. A poll that
    /// ends by its timeout finds fewer (tcp(7), SO_RCVLOWAT).
    static func wake(_ socket: Int32, atBytes bytes: Int32) {
        var bytes = bytes
        // The option is an integer of the given size. If the kernel refuses it, polls only end sooner.
        unsafe _ = setsockopt(
            socket, SOL_SOCKET, SO_RCVLOWAT, &bytes, socklen_t(MemoryLayout.size(ofValue: bytes)))
    }

    private enum Address: Equatable {
        /// Without its port.
        case internet([UInt8])
        case unix
    }

    /// Returns the address of one end; nil for sockets of other kinds.
    private static func address(
        _ socket: Int32,
        _ name: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Address? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout.size(ofValue: storage))
        // sockaddr_storage has room for an address of any kind, and each kind begins with its family.
        return unsafe withUnsafeMutableBytes(of: &storage) { bytes -> Address? in
            let pointer = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            guard unsafe name(socket, pointer, &length) == 0 else { return nil }
            switch unsafe Int32(pointer.pointee.sa_family) {
            case AF_INET: return unsafe .internet([UInt8](bytes[4..<8]))
            case AF_INET6: return unsafe .internet([UInt8](bytes[8..<24]))
            case AF_UNIX: return .unix
            default: return nil
            }
        }
    }
}
