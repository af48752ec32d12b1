/// What distinguishes a statement in the journal of an import: its file, its text, and how many equal ones
/// come before it in that file.
struct StatementKey: Hashable, Sendable, CustomStringConvertible {
    private let hash: UInt128

    /// The hash FNV-1a with 128 bits.
    private static let start: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b
    private static let digits = 32

    init(file: String, text: String, occurrence: Int) {
        var hash = Self.start
        for part in [file, text, String(occurrence)] {
            for byte in part.utf8 { hash = (hash ^ UInt128(byte)) &* Self.prime }
            // No byte of UTF-8 ends a part.
            hash = (hash ^ 0xff) &* Self.prime
        }
        self.hash = hash
    }

    /// Reads what `description` writes; nil for anything else.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count == Self.digits, let hash = UInt128(text, radix: 16) else { return nil }
        self.hash = hash
    }

    var description: String {
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: Self.digits - text.utf8.count) + text
    }

    /// Returns the scripts with a key on each of their statements.
    static func keys(of scripts: [SchemaScript]) -> [SchemaScript] {
        scripts.map { script in
            var seen: [String: Int] = [:]
            let objects = script.objects.map { object in
                var object = object
                for at in object.statements.indices {
                    let text = object.statements[at].text
                    let occurrence = seen[text, default: 0]
                    seen[text] = occurrence + 1
                    object.statements[at].key = StatementKey(
                        file: script.file, text: text, occurrence: occurrence)
                }
                return object
            }
            return SchemaScript(file: script.file, settings: script.settings, objects: objects)
        }
    }
}
