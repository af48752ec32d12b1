import Console
import Testing

@Suite struct TerminalKindTests {
    private func presentation(
        _ variables: [String: String], knowing types: [String: TerminalKind.Description]
    )
        -> Presentation
    {
        TerminalKind(variables: variables).presentation { types[$0] ?? .unknown }
    }

    @Test func `a terminal that moves its cursor shows the screen`() {
        guard case .screen(let kind, nil) = presentation(["TERM": "foot"], knowing: ["foot": .screen]) else {
            Issue.record("it is no screen")
            return
        }
        #expect(kind.type == "foot")
    }

    @Test func `a terminal that cannot move its cursor gets lines, with the reason`() {
        guard case .lines(_, let reason) = presentation(["TERM": "dumb"], knowing: ["dumb": .lines]) else {
            Issue.record("it gets no lines")
            return
        }
        #expect(reason == "A terminal of type dumb cannot show the console.")
    }

    @Test(arguments: ["xterm-ghostty", "", "evil\u{1B}[2J"])
    func `a type that is not known is taken for xterm-256color, with a warning`(type: String) {
        let found = presentation(["TERM": type], knowing: ["xterm-256color": .screen])
        guard case .screen(let kind, let warning?) = found else {
            Issue.record("it is no screen with a warning")
            return
        }
        #expect(kind.type == "xterm-256color")
        #expect(!warning.contains("\u{1B}"))
        // It stays what it is in all that no description says.
        #expect(kind.takesSynchronizedOutput == type.hasPrefix("xterm-ghostty"))
    }

    @Test func `a system without descriptions shows lines`() {
        guard case .lines(_, let reason) = presentation(["TERM": "foot"], knowing: [:]) else {
            Issue.record("it gets no lines")
            return
        }
        #expect(reason == "This system does not know the terminal type foot; set TERM, for example to xterm.")
    }

    @Test func `this system knows the usual types`() {
        #expect(TerminalKind.description(of: "xterm-256color") == .screen)
        #expect(TerminalKind.description(of: "linux") == .screen)
        #expect(TerminalKind.description(of: "vt100") == .screen)
        #expect(TerminalKind.description(of: "dumb") == .lines)
        #expect(TerminalKind.description(of: "no-such-terminal") == .unknown)
    }

    @Test func `the depth follows the description, COLORTERM and NO_COLOR`() {
        func depth(_ colours: Int, _ variables: [String: String] = [:]) -> ColourDepth {
            TerminalKind(variables: variables).depth(colours: colours)
        }
        #expect(depth(0) == .none)
        #expect(depth(8) == .eight)
        #expect(depth(8, ["COLORTERM": "truecolor"]) == .eight)
        #expect(depth(16) == .sixteen)
        #expect(depth(256) == .indexed256)
        #expect(depth(256, ["COLORTERM": "truecolor"]) == .truecolor)
        #expect(depth(256, ["COLORTERM": "24bit"]) == .truecolor)
        #expect(depth(256, ["COLORTERM": "24bit", "NO_COLOR": "1"]) == .none)
        #expect(depth(256, ["NO_COLOR": ""]) == .indexed256)
        #expect(depth(0x1000000) == .direct)
    }

    @Test func `frames are not held back within a multiplexer`() {
        #expect(TerminalKind(variables: ["TERM": "alacritty"]).takesSynchronizedOutput)
        #expect(!TerminalKind(variables: ["TERM": "alacritty", "TMUX": "x"]).takesSynchronizedOutput)
        #expect(!TerminalKind(variables: ["TERM": "xterm-256color"]).takesSynchronizedOutput)
    }
}
