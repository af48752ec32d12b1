import Foundation

/// The built program, found beside the test bundle.
package enum Program {
    /// The folder it lies in; empty where there is none.
    package static let directory: String = {
        for candidate in [CommandLine.arguments[0], Bundle.main.executablePath ?? "", Bundle.main.bundlePath]
        {
            var folder = URL(fileURLWithPath: candidate)
            while folder.path != "/" {
                folder.deleteLastPathComponent()
                var isDirectory: ObjCBool = false
                let path = folder.appendingPathComponent("switchback").path
                // The flag lives on this frame through the call.
                if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
                    !isDirectory.boolValue
                {
                    return folder.path
                }
            }
        }
        return ""
    }()

    /// What is to be run: `SWITCHBACK_PROGRAM` where it is set, as `make soak` sets it to the release build.
    package static var path: String {
        ProcessInfo.processInfo.environment["SWITCHBACK_PROGRAM"] ?? directory + "/switchback"
    }
}
