import Glibc

/// An IP address with a port, as the socket calls take it.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private let length: socklen_t
    let family: Int32
    private let host: String

    /// Nil if the text is no address of IPv4 or IPv6.
    init?(_ host: String, port: Int) {
        self.host = host
        let networkPort = UInt16(truncatingIfNeeded: port).bigEndian
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        // Sound: each call writes at most an address of its family into a local value.
        if unsafe inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = networkPort
            (family, length) = (AF_INET, socklen_t(MemoryLayout<sockaddr_in>.size))
            unsafe withUnsafeMutableBytes(of: &storage) { storage in
                unsafe withUnsafeBytes(of: &v4) { unsafe storage.copyMemory(from: $0) }
            }
        } else if unsafe inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 {
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = networkPort
            (family, length) = (AF_INET6, socklen_t(MemoryLayout<sockaddr_in6>.size))
            unsafe withUnsafeMutableBytes(of: &storage) { storage in
                unsafe withUnsafeBytes(of: &v6) { unsafe storage.copyMemory(from: $0) }
            }
        } else {
            return nil
        }
    }

    /// The host as URLs write it.
    var urlHost: String { family == AF_INET6 ? "[\(host)]" : host }

    /// Binds a socket to the address; returns whether that succeeded.
    func bind(_ socket: Int32) -> Bool {
        // Sound: the address lives through the call and has the given length.
        unsafe withUnsafePointer(to: storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.bind(socket, $0, length) == 0
            }
        }
    }

    /// Returns the port that a socket was bound to.
    static func port(of socket: Int32) -> Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // Sound: the call writes at most `length` bytes into a local value. Both families have the port in
        // the same place.
        return unsafe withUnsafeMutablePointer(to: &storage) { storage in
            let isKnown = unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(socket, $0, &length) == 0
            }
            guard isKnown else { return 0 }
            return unsafe storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe Int(UInt16(bigEndian: $0.pointee.sin_port))
            }
        }
    }
}
