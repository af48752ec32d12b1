import Foundation
import Yams

/// The operator's own settings of the console: `switchback/console.yaml` below `XDG_CONFIG_HOME`.
package struct ConsoleSettings: Equatable, Sendable {
    /// The name of a theme.
    package var theme: String?
    /// These go before what the theme says.
    package var symbols: SymbolChoice?
    package var graphs: GraphChoice?
    /// The terminal reports the mouse; it then selects text only with Shift.
    package var mouse = false
    /// The bell rings for new errors, and again for what is critical.
    package var bell = true

    package init() {}

    /// Reads the settings, and a warning where a part of them could not be used: it never stops the start.
    /// There need not be a file.
    package static func read(from path: String) -> (settings: ConsoleSettings, warning: String?) {
        guard FileManager.default.fileExists(atPath: path) else { return (ConsoleSettings(), nil) }
        var settings = ConsoleSettings()
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            // A file of comments alone is no map.
            guard try Yams.compose(yaml: text) != nil else { return (settings, nil) }
            let words = try YAMLDecoder().decode([String: String].self, from: text)
            for (name, word) in words.sorted(by: { $0.key < $1.key }) { try settings.set(name, to: word) }
            return (settings, nil)
        } catch let error as DecodingError {
            return (settings, "\(path): \(error.place): \(error.sentence)")
        } catch let error as ThemeError {
            return (settings, "\(path): \(error)")
        } catch {
            return (settings, "\(path): \(error.localizedDescription)")
        }
    }

    private mutating func set(_ name: String, to word: String) throws {
        switch name {
        case "theme": theme = word
        case "symbols": symbols = try choice(word, at: name)
        case "graphs": graphs = try choice(word, at: name)
        case "mouse": mouse = try isOn(word, at: name)
        case "bell": bell = try isOn(word, at: name)
        default: throw ThemeError(place: name, reason: "there is no such setting")
        }
    }
}

private func isOn(_ word: String, at place: String) throws(ThemeError) -> Bool {
    guard let isOn = Bool(word) else {
        throw ThemeError(place: place, reason: "\(word) is neither true nor false")
    }
    return isOn
}

/// Returns the choice that a word names; the error lists those that there are.
func choice<Choice: RawRepresentable & CaseIterable>(_ word: String, at place: String) throws(ThemeError)
    -> Choice where Choice.RawValue == String
{
    if let choice = Choice(rawValue: word) { return choice }
    let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    throw ThemeError(place: place, reason: "\(word) is none of \(words)")
}
