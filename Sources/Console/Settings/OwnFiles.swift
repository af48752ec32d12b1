import Foundation

/// The files in which operators keep their own settings of the console.
package struct OwnFiles: Equatable, Sendable {
    /// Theme, symbols, graphs, mouse and bell.
    package let settings: String
    /// Keys other than the standard ones.
    package let keys: String
    private let folder: String

    /// - Parameter folder: the program's folder below `XDG_CONFIG_HOME`
    package init(folder: String) {
        settings = folder + "/console.yaml"
        keys = folder + "/keys.yaml"
        self.folder = folder
    }

    /// Makes the folder, so that an editor can write a first file.
    package func makeFolder() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Reads both files. A file that is not there changes nothing, and a bad one is told of.
    package func read() -> OwnSettings {
        let found = ConsoleSettings.read(from: settings)
        let keymap = Keymap.read(from: keys)
        return OwnSettings(
            files: self, settings: found.settings, keymap: keymap.keymap,
            warning: found.warning ?? keymap.warning)
    }
}

/// What the operator's own files say.
package struct OwnSettings: Equatable, Sendable {
    package let files: OwnFiles
    package let settings: ConsoleSettings
    package let keymap: Keymap
    /// Why a part of the files is not used.
    package let warning: String?

    package init(
        files: OwnFiles, settings: ConsoleSettings = ConsoleSettings(), keymap: Keymap = .standard,
        warning: String? = nil
    ) {
        self.files = files
        self.settings = settings
        self.keymap = keymap
        self.warning = warning
    }

    /// Number of commands whose keys are not the standard ones.
    package var changedKeys: Int {
        keymap.bindings.count { binding in Keymap.standard[binding.command]?.keys != binding.keys }
    }
}
