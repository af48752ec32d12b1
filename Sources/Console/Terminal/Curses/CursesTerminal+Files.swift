// What the operator takes from the screen.

extension CursesTerminal {
    /// Rings the terminal's bell.
    package func ring() { send([0x07]) }

    /// Copies a text for the operator to paste.
    package func copy(_ text: String) -> Clipboard.Outcome {
        Clipboard(kind: kind, directory: options.stateDirectory).copy(text) { send($0) }
    }

    /// Writes what is shown to two files. Nil if nothing is shown. `moment` is in seconds since 1970.
    package func screenshot(page: String, moment: Double, utcOffset: Int) throws(StateFileError)
        -> Screenshot.Paths?
    {
        guard let shown else { return nil }
        return try Screenshot(of: shown, theme: options.theme, depth: depth)
            .write(page: page, moment: moment, utcOffset: utcOffset, to: options.stateDirectory)
    }
}
