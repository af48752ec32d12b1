import Engine
import Foundation
import Records

/// What the operator has typed and not done yet: the answers of each page and the place of the focus. It is
/// kept at once, so that a console that was killed comes back to the same field. Passwords are not in it.
package struct ConsoleDraft: Codable, Equatable, Sendable {
    /// An answer, and the one that the question began with: where that is another one now, the draft is out
    /// of date.
    package struct Answer: Codable, Equatable, Sendable {
        package var text: String
        package var from: String
    }

    /// The changed answers of one page.
    package struct PageDraft: Codable, Equatable, Sendable {
        package var answers: [String: Answer]
        package var focus: Int
    }

    /// The phase that it is about; in another one, the questions are others.
    package var phase: String
    package var page: String
    package var pages: [String: PageDraft]
}

/// The file of a migration's draft.
struct DraftFile {
    private let path: String
    private var kept: ConsoleDraft?

    init(exportDirectory: String) { path = exportDirectory + "/metainfo/console.draft.json" }

    /// Reads the draft; nil if there is none, or if it cannot be read: then the questions begin anew.
    mutating func read() -> ConsoleDraft? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        kept = try? JSONDecoder().decode(ConsoleDraft.self, from: data)
        return kept
    }

    /// Keeps a draft if it has changed. Nothing is kept beside a journal that is gone.
    mutating func keep(_ draft: ConsoleDraft) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard draft != kept, FileManager.default.fileExists(atPath: folder) else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // The file takes its name when it is whole. It need not survive a loss of power, so that a key does
        // not wait for the disk.
        let whole = path + ".new"
        try encoder.encode(draft).write(to: URL(fileURLWithPath: whole))
        // Sound: both paths live through the call.
        guard unsafe rename(whole, path) == 0 else {
            throw ConsoleError("\(path) cannot be written: \(unsafe String(cString: strerror(errno)))")
        }
        kept = draft
    }
}
