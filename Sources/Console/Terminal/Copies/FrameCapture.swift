import CNcurses
import Glibc

/// A file in memory that curses draws into. Curses flushes at each movement of its cursor, a hundred times a
/// frame; here a frame is gathered, and then written to the terminal in one piece.
struct FrameCapture {
    private let memory: Int32

    /// Diverts what is written to the descriptor. Nil if there is no memory for it.
    init?(of descriptor: Int32) {
        // Sound: the name lives through the call.
        memory = unsafe memfd_create("frame", 1)  // MFD_CLOEXEC
        guard memory >= 0 else { return nil }
        guard dup3(memory, descriptor, O_CLOEXEC) >= 0 else {
            close(memory)
            return nil
        }
    }

    /// Returns what has been drawn since the last call.
    func take() -> [UInt8] {
        let length = lseek(memory, 0, SEEK_CUR)
        guard length > 0 else { return [] }
        lseek(memory, 0, SEEK_SET)
        // Sound: the call writes at most the bytes there is room for, and says how many.
        return unsafe [UInt8](unsafeUninitializedCapacity: Int(length)) { bytes, count in
            count = max(0, unsafe pread(memory, bytes.baseAddress, Int(length), 0))
        }
    }

    func end() { close(memory) }
}
