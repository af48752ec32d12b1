import Glibc

/// What the kernel takes in for a connection before it is read.
///
/// A server sends each message of a stream by itself, with TCP_NODELAY, and to a reader on the same host each travels as a
/// packet of its own as long as the receive buffer has room: nothing on the loopback holds packets up so that they would
/// be joined. Once the buffer is full the sender's kernel joins what it has to keep (Linux, `tcp_sendmsg`). A narrow buffer
/// is full soon. Between hosts it would hold the sender up for every round trip, so that there it stays as it is.
enum ReceiveBuffer {
    /// Linux doubles it for its own accounts (socket(7), SO_RCVBUF): that is what a connection begins with, and it grows no
    /// more. A quarter of it makes connections stall.
    private static let narrowBytes: Int32 = 64 << 10

    /// Makes the receive buffer narrow where both ends of a TCP connection are on this host; true where it has.
    static func narrow(_ socket: Int32) -> Bool {
        guard let own = unsafe address(socket, getsockname), let other = unsafe address(socket, getpeername),
            own == other
        else { return false }
        var bytes = narrowBytes
        // The option is an integer, as large as is said.
        return unsafe setsockopt(
            socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout.size(ofValue: bytes))) == 0
    }

    /// Lets whoever polls a TCP connection sleep until so many bytes are there; 1 as it comes. A wait that ends by its time finds
    /// fewer (tcp(7), SO_RCVLOWAT).
    static func wake(_ socket: Int32, atBytes bytes: Int32) {
        var bytes = bytes
        // The option is an integer, as large as is said. Where the kernel does not take it everybody wakes sooner.
        unsafe _ = setsockopt(
            socket, SOL_SOCKET, SO_RCVLOWAT, &bytes, socklen_t(MemoryLayout.size(ofValue: bytes)))
    }

    /// The Internet address of one end, without its port; nil of other sockets.
    private static func address(
        _ socket: Int32,
        _ name: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> [UInt8]? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout.size(ofValue: storage))
        // sockaddr_storage has room for an address of any kind, and each kind begins with its family.
        return unsafe withUnsafeMutableBytes(of: &storage) { bytes -> [UInt8]? in
            let pointer = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            guard unsafe name(socket, pointer, &length) == 0 else { return nil }
            switch unsafe Int32(pointer.pointee.sa_family) {
            case AF_INET: return unsafe [UInt8](bytes[4..<8])
            case AF_INET6: return unsafe [UInt8](bytes[8..<24])
            default: return nil
            }
        }
    }
}
