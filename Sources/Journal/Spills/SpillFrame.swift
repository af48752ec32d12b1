import Foundation

/// How a message stands in a spill file: length, checksum and number, little-endian, 4 bytes each, then the message.
///
/// The checksum (CRC32C) is over number and message. A file is read by the process that wrote it and by no other.
enum SpillFrame {
    static let headBytes = 12
}

package func spillPath(_ exportDirectory: String, transaction: UInt32) -> String {
    "\(exportDirectory)/data/queue/streamed.\(transaction).spill"
}

/// The spill files that are there, with their sizes.
package func spillFiles(_ exportDirectory: String) throws -> [(path: String, bytes: Int64)] {
    let directory = exportDirectory + "/data/queue"
    guard FileManager.default.fileExists(atPath: directory) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { name in
        guard name.hasPrefix("streamed."), name.hasSuffix(".spill") else { return nil }
        let path = directory + "/" + name
        var facts = stat()
        // The struct lives through the call; a file that was just removed counts nothing.
        return (path, unsafe stat(path, &facts) == 0 ? Int64(facts.st_size) : 0)
    }
}
