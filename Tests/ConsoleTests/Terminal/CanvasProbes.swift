import Foundation
import Support

/// The path of the probe, which is built beside the tests.
func probePath() throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: own).deletingLastPathComponent().appending(path: "consoleprobe").path()
}

/// Starts the probe, which draws a canvas on the console's terminal and obeys keys. Its first frame is shown
/// as a whole when this returns: a key after it was answered.
func canvasProbe(
    _ name: String, in folder: Folder, _ environment: [String: String] = [:], rows: Int = 24,
    columns: Int = 80
) throws -> PseudoTerminal {
    var variables = environment
    variables["PROBE_DIRECTORY"] = folder.path
    variables["SWIFT_BACKTRACE"] = "enable=no"
    let probe = try PseudoTerminal(
        executable: try probePath(), arguments: ["canvas", name], environment: variables, rows: rows,
        columns: columns)
    try probe.waitFor(sign(of: name))
    probe.send(Key.up)
    try probe.waitFor("key Up")
    return probe
}

/// A text that shows that a canvas is drawn.
func sign(of canvas: String) -> String {
    switch canvas {
    case "tokens": "status.ok"
    case "graphs": "done"
    case _ where canvas.hasPrefix("page-"): "quit"
    default: "keycap"
    }
}
