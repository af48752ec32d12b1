import Foundation

/// The form of a message in a spill file: length, checksum and number, little-endian with 4 bytes each, then
/// the message.
///
/// The checksum (CRC32C) covers number and message. Only the process that wrote a file reads it.
enum SpillFrame {
    static let headBytes = 12
}

/// Returns the path of a transaction's spill file.
package func spillPath(_ exportDirectory: String, transaction: UInt32) -> String {
    "\(exportDirectory)/data/queue/streamed.\(transaction).spill"
}

/// Returns the existing spill files with their sizes.
package func spillFiles(_ exportDirectory: String) throws -> [(path: String, bytes: Int64)] {
    let directory = exportDirectory + "/data/queue"
    guard FileManager.default.fileExists(atPath: directory) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { name in
        guard name.hasPrefix("streamed."), name.hasSuffix(".spill") else { return nil }
        let path = directory + "/" + name
        var facts = stat()
        // Sound: the struct lives through the call. A file that was just removed counts as empty.
        return (path, unsafe stat(path, &facts) == 0 ? Int64(facts.st_size) : 0)
    }
}
