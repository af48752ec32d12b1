import Glibc

/// The redirection of standard error to a file while the console is shown, so that no line disturbs the
/// screen.
struct ErrorOutput {
    /// Standard error as it was.
    let saved: Int32
    /// The file; it lasts as long as the program, because the handler of a crash reads it.
    let file: Int32
    /// The file's length at the start.
    let start: off_t
    private let path: String

    /// Bytes that are shown afterwards.
    private static let bytesMax = 4096
    /// Lines that are shown afterwards.
    private static let linesMax = 20

    /// Nil if neither the file nor `/dev/null` can be opened; then nothing is redirected.
    init?(to path: String) {
        let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC
        // Sound: the path lives through the call.
        var file = unsafe open(path, flags, 0o600)
        if file < 0 { file = unsafe open("/dev/null", O_RDWR | O_CLOEXEC) }
        guard file >= 0 else { return nil }
        saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        guard saved >= 0 else {
            close(file)
            return nil
        }
        self.file = file
        self.path = path
        start = max(0, lseek(file, 0, SEEK_END))
        dup2(file, STDERR_FILENO)
    }

    /// Restores standard error. Returns the last lines that went to the file, without control characters, and
    /// where all of them are.
    func end() -> [String] {
        dup2(saved, STDERR_FILENO)
        close(saved)
        defer { close(file) }
        let end = lseek(file, 0, SEEK_END)
        guard end > start else { return [] }
        let from = max(start, end - off_t(ErrorOutput.bytesMax))
        var bytes = [UInt8](repeating: 0, count: Int(end - from))
        // Sound: the array has room for that many bytes.
        let count = unsafe pread(file, &bytes, bytes.count, from)
        let lines = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            .split(whereSeparator: \.isNewline).suffix(ErrorOutput.linesMax)
        guard !lines.isEmpty else { return [] }
        return ["Messages that came while the console was open (all are in \(path)):"]
            + lines.map { "  " + $0.map { glyph(of: $0).text }.joined() }
    }
}
