import Glibc

/// By which way a stream comes, which says what is kept of it before it is read.
package enum StreamWay: Sendable {
    /// From another host, or as if it were.
    case network
    /// By TCP inside this host, into a receive buffer that was made narrow.
    case loopback
    case unixSocket
}

/// What the kernel takes in for a connection before it is read.
///
/// A server sends each message of a stream by itself, with TCP_NODELAY, and to a reader on the same host each travels as a
/// packet of its own as long as the receive buffer has room: nothing on the loopback holds packets up so that they would
/// be joined. Once the buffer is full the sender's kernel joins what it has to keep (Linux, `tcp_sendmsg`). A narrow buffer
/// is full soon. Between hosts it would hold the sender up for every round trip, so that there it stays as it is.
///
/// A Unix socket has no packets to join: each message is kept by itself on the sender's side, a few hundred of them, and then the
/// sender sleeps until three quarters are read (Linux, `unix_stream_sendmsg` and `unix_writable`).
enum ReceiveBuffer {
    /// Linux doubles it for its own accounts (socket(7), SO_RCVBUF): that is what a connection begins with, and it grows no
    /// more. A quarter of it makes connections stall.
    private static let narrowBytes: Int32 = 64 << 10

    /// Finds out by which way a connection goes, and makes its receive buffer narrow where both ends of a TCP connection are on
    /// this host.
    static func narrow(_ socket: Int32) -> StreamWay {
        guard let own = unsafe address(socket, getsockname), let other = unsafe address(socket, getpeername)
        else { return .network }
        if case .unix = own { return .unixSocket }
        guard own == other else { return .network }
        var bytes = narrowBytes
        // The option is an integer, as large as is said.
        let isNarrow =
            unsafe setsockopt(
                socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout.size(ofValue: bytes))) == 0
        return isNarrow ? .loopback : .network
    }

    /// Lets whoever polls a TCP connection sleep until so many bytes are there; 1 as it comes. A wait that ends by its time finds
    /// fewer (tcp(7), SO_RCVLOWAT).
    static func wake(_ socket: Int32, atBytes bytes: Int32) {
        var bytes = bytes
        // The option is an integer, as large as is said. Where the kernel does not take it everybody wakes sooner.
        unsafe _ = setsockopt(
            socket, SOL_SOCKET, SO_RCVLOWAT, &bytes, socklen_t(MemoryLayout.size(ofValue: bytes)))
    }

    private enum Address: Equatable {
        /// Without its port.
        case internet([UInt8])
        case unix
    }

    /// The address of one end; nil of sockets of other kinds.
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
