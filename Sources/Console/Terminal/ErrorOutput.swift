import Glibc

/// The redirection of standard error to a file while the console is shown, so that no line disturbs the
/// screen.
struct ErrorOutput {
    private let saved: Int32

    /// Nil if neither the file nor `/dev/null` can be opened; then nothing is redirected.
    init?(to path: String) {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
        // Sound: the path lives through the call.
        var file = unsafe open(path, flags, 0o600)
        if file < 0 { file = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC) }
        guard file >= 0 else { return nil }
        saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        dup2(file, STDERR_FILENO)
        close(file)
    }

    func end() {
        guard saved >= 0 else { return }
        dup2(saved, STDERR_FILENO)
        close(saved)
    }
}
