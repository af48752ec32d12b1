import Glibc

/// Notices that the files of the theme in use have changed. A loop may ask it in every turn: the files are
/// looked at once a second at most. It reads nothing while they stay as they are.
package struct ThemeWatch {
    /// What a changed file means.
    package enum Change: Equatable, Sendable {
        case theme(Theme)
        /// The file cannot be used; the theme that is shown stays.
        case fault(String)
    }

    /// What tells two states of a file apart.
    private struct Stamp: Equatable {
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    private let search: ThemeSearch
    private let name: String
    private var found: ThemeSearch.Found
    private var stamps: [Stamp?]
    private var checkedAt: Double?

    /// Time between two looks at the files.
    package static let everySeconds = 1.0

    /// Watches the theme with that name; nil for the built-in one.
    package init(search: ThemeSearch, name: String?) {
        self.search = search
        self.name = name ?? Theme.terminal.name
        found = search.read(self.name)
        stamps = found.files.map(ThemeWatch.stamp)
    }

    /// Returns what changed since the last call, nil if nothing did. `now` is any clock's time in seconds.
    package mutating func change(now: Double) -> Change? {
        if let checkedAt, abs(now - checkedAt) < ThemeWatch.everySeconds { return nil }
        checkedAt = now
        let newStamps = found.files.map(ThemeWatch.stamp)
        guard newStamps != stamps else { return nil }
        let before = found
        found = search.read(name)
        // Stamps from before the reading: a file that is written meanwhile is read again.
        stamps = found.files == before.files ? newStamps : found.files.map(ThemeWatch.stamp)
        guard found.theme != before.theme else { return nil }
        switch found.theme {
        case .success(let theme): return .theme(theme)
        case .failure(let error): return .fault("theme \(name) is not used: \(error)")
        }
    }

    private static func stamp(of path: String) -> Stamp? {
        var file = stat()
        // Sound: one structure of ours, and a path that lives through the call.
        guard unsafe stat(path, &file) == 0 else { return nil }
        return Stamp(
            inode: UInt64(file.st_ino), size: Int64(file.st_size), seconds: file.st_mtim.tv_sec,
            nanoseconds: file.st_mtim.tv_nsec)
    }
}
