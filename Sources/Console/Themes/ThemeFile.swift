import Yams

/// The content of a theme's file, `themes/<name>.yaml`.
package struct ThemeFile: Decodable, Sendable {
    /// A colour in three forms, for terminals with more or fewer colours.
    struct Swatch: Decodable, Sendable {
        var rgb: String
        var c256: Int16
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
    var extends: String?
    var palette: [String: Swatch]
    var tokens: [String: Entry]

    /// Reads a theme; `base` finds the theme that a file extends. A former token is ignored. The error names
    /// the place and what is wrong there.
    package static func theme(from text: String, base: (String) throws -> Theme) throws -> Theme {
        let file: ThemeFile
        do {
            file = try YAMLDecoder().decode(ThemeFile.self, from: text)
        } catch let error as DecodingError {
            throw ThemeError(place: error.place, reason: error.sentence)
        }
        guard file.version == 1 else { throw ThemeError(place: "version", reason: "only version 1 is known") }
        var theme = try file.extends.map(base) ?? Theme(name: file.name, title: file.title, paints: [:])
        theme.name = file.name
        theme.title = file.title
        let palette = try file.colours()
        for (name, entry) in file.tokens where !Token.formerNames.contains(name) {
            guard let token = Token(rawValue: name) else {
                throw ThemeError(place: "tokens.\(name)", reason: "there is no such token")
            }
            theme.paints[token] = try entry.paint(token: name, palette: palette)
        }
        if let missing = Token.allCases.first(where: { theme.paints[$0] == nil }) {
            throw ThemeError(place: "tokens", reason: "the token \(missing.rawValue) is missing")
        }
        return theme
    }

    private func colours() throws -> [String: Colour] {
        var colours: [String: Colour] = [:]
        for (name, swatch) in palette {
            guard swatch.rgb.count == 7, swatch.rgb.first == "#",
                let rgb = Int32(swatch.rgb.dropFirst(), radix: 16)
            else {
                throw ThemeError(
                    place: "palette.\(name).rgb", reason: "\(swatch.rgb) is no colour like #57c785")
            }
            guard (-1...255).contains(swatch.c256) else {
                throw ThemeError(
                    place: "palette.\(name).c256", reason: "\(swatch.c256) is not within 0 and 255")
            }
            let named = NamedColour(rawValue: swatch.c16)
            guard named != nil || swatch.c16 == "default" else {
                throw ThemeError(
                    place: "palette.\(name).c16", reason: "\(swatch.c16) is none of the 16 names, nor default"
                )
            }
            colours[name] = Colour(rgb: rgb, c256: swatch.c256, c16: named?.index ?? -1)
        }
        return colours
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

/// An error in a theme file: the place, and what is wrong there.
package struct ThemeError: Error, Equatable, CustomStringConvertible {
    package let place: String
    package let reason: String

    package init(place: String, reason: String) {
        self.place = place
        self.reason = reason
    }

    package var description: String { "\(place): \(reason)" }
}

extension DecodingError {
    fileprivate var context: Context? {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context
        @unknown default: nil
        }
    }

    fileprivate var place: String {
        let path = (context?.codingPath ?? []).map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? "the file" : path
    }

    fileprivate var sentence: String { context?.debugDescription ?? "cannot be read" }
}
