import Foundation

/// The flags with a password, whose values are hidden from everyone who can list processes.
enum PasswordFlags {
    static let names = ["--source-db-password", "--target-db-password", "--source-replica-db-password"]

    /// Returns the byte ranges of password values in the memory of the arguments, each of which ends with a
    /// zero byte.
    static func valueRanges(in area: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        var isValue = false
        while start < area.count {
            let end = area[start...].firstIndex(of: 0) ?? area.count
            let argument = area[start..<end]
            if isValue {
                ranges.append(start..<end)
                isValue = false
            } else if names.contains(where: { argument.elementsEqual($0.utf8) }) {
                isValue = true
            } else if let name = names.first(where: { argument.starts(with: ($0 + "=").utf8) }) {
                ranges.append(start + name.utf8.count + 1..<end)
            }
            start = end + 1
        }
        return ranges.filter { !$0.isEmpty }
    }

    /// Overwrites the password values in this process's argument memory, which `ps` and `/proc/PID/cmdline`
    /// show. Returns false if the kernel does not say where that memory is.
    @discardableResult
    static func hideFromProcessList() -> Bool {
        guard let area = argumentArea() else { return false }
        // Sound: the kernel says where it put the argument strings of this process. They stay mapped and
        // writable for its whole life, and nothing else of ours reads or writes them: the runtime keeps
        // copies.
        guard let start = unsafe UnsafeMutablePointer<UInt8>(bitPattern: area.lowerBound) else {
            return false
        }
        let bytes = unsafe UnsafeMutableBufferPointer(start: start, count: area.count)
        for range in valueRanges(in: unsafe Array(bytes)) {
            for index in range {
                // One star shows that there was a value; the zeros hide its length from `ps`.
                unsafe bytes[index] = index == range.lowerBound ? UInt8(ascii: "*") : 0
            }
        }
        return true
    }

    /// `arg_start` and `arg_end`, fields 48 and 49 of /proc/self/stat (proc(5)). The second field, the
    /// command's name, may contain spaces and parentheses; the fields after its last parenthesis do not.
    private static func argumentArea() -> Range<UInt>? {
        guard let file = FileHandle(forReadingAtPath: "/proc/self/stat"),
            // Unreadable means that there is no procfs; then nothing is hidden.
            let data = try? file.readToEnd()
        else { return nil }
        guard let close = data.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = String(decoding: data[(close + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 46, let start = UInt(fields[45]), let end = UInt(fields[46]), start < end else {
            return nil
        }
        return start..<end
    }
}
