import Console
import Foundation
import Testing

/// A theme file that is edited while the console is open.
@Suite struct ThemeWatchTests {
    private let folder = try! Folder()

    private func write(_ name: String, title: String, extends: String = "terminal", more: String = "") throws
    {
        try folder.write(
            "version: 1\nname: \(name)\ntitle: \(title)\nextends: \(extends)\n\(more)\n", to: name + ".yaml")
    }

    private var search: ThemeSearch { ThemeSearch(directories: [folder.path, themesDirectory]) }

    @Test func `a saved theme is noticed once, within a second`() throws {
        try write("mine", title: "One")
        var watch = ThemeWatch(search: search, name: "mine")
        #expect(watch.change(now: 10) == nil)
        try write("mine", title: "Two")
        #expect(watch.change(now: 10.9) == nil)
        guard case .theme(let theme) = watch.change(now: 11) else {
            Issue.record("the change is not noticed")
            return
        }
        #expect(theme.title == "Two")
        #expect(watch.change(now: 12) == nil)
    }

    @Test func `a fault is reported, and its mending is, too`() throws {
        try write("mine", title: "One")
        var watch = ThemeWatch(search: search, name: "mine")
        try write("mine", title: "One", more: "symbols: emoji")
        let fault = "theme mine is not used: symbols: emoji is none of auto, unicode, ascii"
        #expect(watch.change(now: 1) == .fault(fault))
        #expect(watch.change(now: 2) == nil)
        try write("mine", title: "One")
        #expect(watch.change(now: 3) == .theme(try search.read("mine").theme.get()))
    }

    @Test func `a change of an extended theme is a change, and so is a file that comes or goes`() throws {
        try write("base", title: "Base")
        try write("mine", title: "One", extends: "base")
        var watch = ThemeWatch(search: search, name: "mine")
        try write("base", title: "Base", more: "symbols: ascii")
        guard case .theme(let theme) = watch.change(now: 1) else {
            Issue.record("the change is not noticed")
            return
        }
        #expect(theme.symbols == .ascii)
        try FileManager.default.removeItem(atPath: folder.path + "/mine.yaml")
        guard case .fault(let reason) = watch.change(now: 2) else {
            Issue.record("the removal is not noticed")
            return
        }
        #expect(reason.contains("not found"))
        try write("mine", title: "Again")
        #expect(watch.change(now: 3) == .theme(try search.read("mine").theme.get()))
    }

    @Test func `an editor that replaces the file is noticed`() throws {
        try write("mine", title: "One")
        var watch = ThemeWatch(search: search, name: "mine")
        try folder.write("version: 1\nname: mine\ntitle: Two\nextends: mono\n", to: "new")
        try FileManager.default.removeItem(atPath: folder.path + "/mine.yaml")
        try FileManager.default.moveItem(atPath: folder.path + "/new", toPath: folder.path + "/mine.yaml")
        #expect(watch.change(now: 1) == .theme(try search.read("mine").theme.get()))
    }

    @Test func `a file that is saved without a change is none`() throws {
        try write("mine", title: "One")
        var watch = ThemeWatch(search: search, name: "mine")
        try write("mine", title: "One")
        #expect(watch.change(now: 1) == nil)
    }
}
