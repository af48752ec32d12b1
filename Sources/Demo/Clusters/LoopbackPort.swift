import Glibc

/// A TCP port on loopback that nobody listens on now. It lies below the range the kernel gives to outgoing
/// connections, so that it is still free when a server comes back to it after a restart.
func freeLoopbackPort() -> Int {
    let range = 20_000..<32_000
    for _ in 0..<1000 {
        let port = Int.random(in: range)
        if canBind(port) { return port }
    }
    return Int.random(in: range)
}

private func canBind(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { _ = close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr = in_addr(s_addr: in_addr_t(0x7F00_0001).bigEndian)
    // A socket address is what the pointer is seen as, for its own length, during the call only.
    return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
            unsafe bind(descriptor, general, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
