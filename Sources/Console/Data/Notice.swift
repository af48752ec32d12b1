import Engine

/// One sentence for the operator below the page, until the next key. A word and a glyph show its severity, so
/// that the colour is not needed.
package struct Notice: Equatable, Sendable {
    package let level: Severity
    package let text: String

    package init(_ level: Severity, _ text: String) {
        self.level = level
        self.text = text
    }
}

extension Severity {
    /// Glyph and word before a sentence.
    package var word: String {
        switch self {
        case .info: "· "
        case .warning: "! WARN "
        case .error: "✗ ERROR "
        case .critical: "✗✗ CRITICAL "
        }
    }

    package var token: Token {
        switch self {
        case .info: .statusInfo
        case .warning: .statusWarn
        case .error: .statusError
        case .critical: .statusCritical
        }
    }
}
