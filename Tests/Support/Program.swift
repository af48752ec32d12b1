import Foundation

/// The built program, which is beside the test bundle.
package enum Program {
    /// Its folder; empty if there is none.
    package static let directory: String = {
        for candidate in [CommandLine.arguments[0], Bundle.main.executablePath ?? "", Bundle.main.bundlePath]
        {
            var folder = URL(fileURLWithPath: candidate)
            while folder.path != "/" {
                folder.deleteLastPathComponent()
                var isDirectory: ObjCBool = false
                let path = folder.appendingPathComponent("switchback").path
                // Sound: the flag lives through the call.
                if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
                    !isDirectory.boolValue
                {
                    return folder.path
                }
            }
        }
        return ""
    }()

    /// The path of the program to run: `SWITCHBACK_PROGRAM` if it is set, as `make soak` does for the release
    /// build.
    package static var path: String {
        ProcessInfo.processInfo.environment["SWITCHBACK_PROGRAM"] ?? directory + "/switchback"
    }
}
