import CChecksum

/// The Castagnoli checksum (RFC 3720, appendix B.4), computed eight bytes a step: by the processor's
/// instruction for it, or by tables if it has none, which takes several times as long.
package struct CRC32C {
    private var state: UInt32 = 0xFFFF_FFFF
    private let usesInstruction: Bool

    package static let hasInstruction = checksum_has_instruction()

    package init(byInstruction: Bool = CRC32C.hasInstruction) {
        usesInstruction = byInstruction && Self.hasInstruction
    }

    package var value: UInt32 { ~state }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard !usesInstruction else {
            // Sound: it reads only these bytes, and the processor has the instruction.
            state = unsafe checksum_by_instruction(state, bytes.baseAddress, bytes.count)
            return
        }
        unsafe updateByTables(bytes)
    }

    private mutating func updateByTables(_ bytes: UnsafeRawBufferPointer) {
        var crc = state
        var offset = 0
        unsafe Self.tables.withUnsafeBufferPointer { tables in
            // Sound: each index is masked to 0…255 within one of the eight tables of 256 entries.
            while offset + 8 <= bytes.count {
                let word = unsafe UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let low = UInt32(truncatingIfNeeded: word) ^ crc
                let high = UInt32(truncatingIfNeeded: word >> 32)
                crc = unsafe tables[7 * 256 + Int(low & 0xFF)] ^ tables[6 * 256 + Int((low >> 8) & 0xFF)]
                crc ^= unsafe tables[5 * 256 + Int((low >> 16) & 0xFF)] ^ tables[4 * 256 + Int(low >> 24)]
                crc ^= unsafe tables[3 * 256 + Int(high & 0xFF)] ^ tables[2 * 256 + Int((high >> 8) & 0xFF)]
                crc ^= unsafe tables[256 + Int((high >> 16) & 0xFF)] ^ tables[Int(high >> 24)]
                offset += 8
            }
            while offset < bytes.count {
                crc = unsafe tables[Int((crc ^ UInt32(bytes[offset])) & 0xFF)] ^ (crc >> 8)
                offset += 1
            }
        }
        state = crc
    }

    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var crc = UInt32(index)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
            tables[index] = crc
        }
        for index in 0..<256 {
            for level in 1..<8 {
                let before = tables[(level - 1) * 256 + index]
                tables[level * 256 + index] = tables[Int(before & 0xFF)] ^ (before >> 8)
            }
        }
        return tables
    }()
}
