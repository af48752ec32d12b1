import Glibc

/// Returns a TCP port on loopback that nothing listens on. It is below the kernel's range for outgoing
/// connections, so that a server that restarts finds it still free.
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
    // Sound: the pointer is used as a socket address of its own length, only during the call.
    return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
            unsafe bind(descriptor, general, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
