import Console
import Engine
import Testing

@Suite struct ConfirmationTests {
    private func dialog() -> TypedConfirmation {
        TypedConfirmation(title: "T", lines: [], name: "orders", go: "Cut over")
    }

    private func type(_ text: String, into dialog: inout TypedConfirmation) {
        for character in text { _ = dialog.handle(.character(character)) }
    }

    @Test func `Enter does nothing while the name does not match`() {
        var dialog = dialog()
        #expect(dialog.handle(.enter) == .stays)
        type("order", into: &dialog)
        _ = dialog.handle(.tab)
        #expect(!dialog.focusIsOnGo)
        #expect(dialog.handle(.enter) == .stays)
    }

    @Test func `the typed name alone does not confirm, the focus must be moved`() {
        var dialog = dialog()
        type("orders", into: &dialog)
        #expect(dialog.handle(.enter) == .cancelled)
        _ = dialog.handle(.tab)
        #expect(dialog.handle(.enter) == .confirmed)
    }

    @Test func `pasted text is refused`() {
        var dialog = dialog()
        _ = dialog.handle(.paste("orders"))
        #expect(dialog.typed.text.isEmpty)
        #expect(dialog.pasteWasRefused)
    }

    @Test func `a gate that fails locks the button again`() {
        var dialog = dialog()
        type("orders", into: &dialog)
        _ = dialog.handle(.tab)
        dialog.refusal = "the source is gone"
        #expect(dialog.handle(.enter) == .stays)
    }

    @Test(arguments: [KeyEvent.escape, .control("c")])
    func `Esc and ^C cancel`(key: KeyEvent) {
        var dialog = dialog()
        #expect(dialog.handle(key) == .cancelled)
    }
}
