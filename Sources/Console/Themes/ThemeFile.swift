import Yams

/// The content of a theme's file, `themes/<name>.yaml`.
package struct ThemeFile: Decodable, Sendable {
    /// A colour in three forms, for terminals with more or fewer colours.
    struct Swatch: Decodable, Sendable {
        var rgb: String?
        var c256: Int?
        var c16: String
    }

    /// The colours and attributes of one token.
    struct Entry: Decodable, Sendable {
        var fg: String?
        var bg: String?
        var attrs: [String]?
    }

    var version: Int
    var name: String
    var title: String
    var appearance: String?
    var extends: String?
    var palette: [String: Swatch]?
    var tokens: [String: Entry]?
    var symbols: String?
    var graph: String?

    /// Reads a theme; `base` finds the theme that a file extends. The error names the place and what is wrong
    /// there.
    package static func theme(from text: String, base: (String) throws -> Theme) throws -> Theme {
        let file: ThemeFile
        do {
            file = try YAMLDecoder().decode(ThemeFile.self, from: text)
        } catch let error as DecodingError {
            throw ThemeError(place: error.place, reason: error.sentence)
        }
        return try file.theme(base: base)
    }

    private func theme(base: (String) throws -> Theme) throws -> Theme {
        guard version == 1 else { throw ThemeError(place: "version", reason: "only version 1 is known") }
        var theme = try extends.map(base) ?? Theme(name: name, title: title, paints: [:])
        theme.name = name
        theme.title = title
        theme.appearance = try appearance.map { try choice($0, at: "appearance") } ?? theme.appearance
        theme.symbols = try symbols.map { try choice($0, at: "symbols") } ?? theme.symbols
        theme.graphs = try graph.map { try choice($0, at: "graph") } ?? theme.graphs
        let palette = try colours()
        // In the order of their names, so that the same fault is named each time.
        for (name, entry) in (tokens ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let token = Token(rawValue: name) else {
                throw ThemeError(place: "tokens.\(name)", reason: "there is no such token")
            }
            theme.paints[token] = try entry.paint(token: name, palette: palette)
        }
        let missing = Token.allCases.filter { theme.paints[$0] == nil }.map(\.rawValue)
        if !missing.isEmpty {
            throw ThemeError(place: "tokens", reason: "missing: \(missing.joined(separator: ", "))")
        }
        return theme
    }

    private func colours() throws -> [String: Colour] {
        var colours: [String: Colour] = [:]
        for (name, swatch) in (palette ?? [:]).sorted(by: { $0.key < $1.key }) {
            colours[name] = try swatch.colour(at: "palette.\(name)")
        }
        return colours
    }
}

extension ThemeFile.Swatch {
    fileprivate func colour(at place: String) throws -> Colour {
        let named = NamedColour(rawValue: c16)
        guard named != nil || c16 == "default" else {
            throw ThemeError(
                place: place + ".c16", reason: "\(c16) is none of the 16 names, nor default")
        }
        if let c256, !(-1...255).contains(c256) {
            throw ThemeError(place: place + ".c256", reason: "\(c256) is not within 0 and 255")
        }
        return Colour(
            rgb: try bits(at: place), c256: c256.map(Int16.init) ?? named?.index ?? -1,
            c16: named?.index ?? -1)
    }

    private func bits(at place: String) throws -> Int32 {
        guard let rgb else { return -1 }
        let digits = rgb.dropFirst()
        guard rgb.first == "#", digits.count == 6, digits.allSatisfy(\.isHexDigit),
            let bits = Int32(digits, radix: 16)
        else {
            throw ThemeError(place: place + ".rgb", reason: "\(rgb) is no colour like #57c785")
        }
        return bits
    }
}

extension ThemeFile.Entry {
    fileprivate func paint(token: String, palette: [String: Colour]) throws -> Paint {
        func colour(_ name: String?, _ part: String) throws -> Colour? {
            guard let name else { return nil }
            guard name.hasPrefix("$"), let colour = palette[String(name.dropFirst())] else {
                throw ThemeError(place: "tokens.\(token).\(part)", reason: "\(name) is not in the palette")
            }
            return colour
        }
        var attributes: Attributes = []
        for name in attrs ?? [] {
            switch name {
            case "bold": attributes.insert(.bold)
            case "dim": attributes.insert(.dim)
            case "italic": attributes.insert(.italic)
            case "underline": attributes.insert(.underline)
            case "reverse": attributes.insert(.reverse)
            default: throw ThemeError(place: "tokens.\(token).attrs", reason: "there is no attribute \(name)")
            }
        }
        return Paint(
            foreground: try colour(fg, "fg"), background: try colour(bg, "bg"), attributes: attributes)
    }
}
