/// What becomes of a flag, or a key of the config file, that yb-voyager has and no part of Switchback reads.
enum ForeignRule: Equatable, Sendable {
    /// It belongs to a part of another tool. Any value is taken, and a line says that it has no effect, and
    /// why.
    case note(String)
    /// One boolean is what Switchback does anyway. The other one is refused, for this reason.
    case only(Bool, String)
    /// One word is what Switchback does anyway. Any other is refused, for this reason.
    case onlyWord(String, String)
    /// Any value is refused, for this reason.
    case refused(String)

    /// Returns why a value is refused, nil if it is not.
    func refusal(of value: String) -> String? {
        switch self {
        case .note: nil
        case .only(let accepted, let reason):
            // What is no boolean was refused by the parser, and counts as refused here.
            ValuedBoolean(argument: value)?.isTrue == accepted ? nil : reason
        case .onlyWord(let accepted, let reason): value.lowercased() == accepted ? nil : reason
        case .refused(let reason): reason
        }
    }

    /// What becomes of a value, for people who read the flag or key in a list.
    var sentence: String {
        switch self {
        case .note(let reason): "It has no effect in Switchback: \(reason)."
        case .only(let accepted, let reason): "Only \(accepted) is accepted: \(reason)."
        case .onlyWord(let accepted, let reason): "Only \(accepted) is accepted: \(reason)."
        case .refused(let reason): "Refused: \(reason)."
        }
    }

    /// The reason of a note, nil for other rules.
    var note: String? {
        switch self {
        case .note(let reason): reason
        case .only, .onlyWord, .refused: nil
        }
    }
}

/// The rules that apply to one command line.
enum ForeignSettings {
    /// Throws if a flag or key has a value that is refused. Nothing was asked or changed before.
    static func check(_ verb: Verb, flags: [String: String], keys: [String: String]) throws {
        for (name, value) in flags.sorted(by: { $0.key < $1.key }) {
            guard let reason = ForeignFlags.rules(of: verb)[name]?.refusal(of: value) else { continue }
            throw VerbFailure("--\(name) \(value) is refused: \(reason)")
        }
        for (key, value) in keys.sorted(by: { $0.key < $1.key }) {
            guard let reason = ForeignKeys.rules[key]?.refusal(of: value) else { continue }
            throw VerbFailure("\(key): \(value) in the config file is refused: \(reason)")
        }
    }

    /// Returns a line for each reason, with the flags and keys that have no effect for it.
    static func notes(_ verb: Verb, flags: some Collection<String>, keys: some Collection<String>) -> [String]
    {
        var namesByReason: [String: [String]] = [:]
        let rules = ForeignFlags.rules(of: verb)
        for name in flags.sorted() {
            if let reason = rules[name]?.note { namesByReason[reason, default: []].append("--" + name) }
        }
        for key in keys.sorted() {
            if let reason = ForeignKeys.rules[key]?.note { namesByReason[reason, default: []].append(key) }
        }
        return namesByReason.map { reason, names in
            "Note: \(names.joined(separator: ", ")) \(names.count == 1 ? "has" : "have") no effect in "
                + "Switchback: \(reason)."
        }.sorted()
    }
}
