/// A config file with every key that the program reads, each with a sentence and its default, and each behind
/// a `#`. Sections and keys come from `ConfigKeys`, sentences and defaults from the parser.
struct ConfigTemplate {
    /// A key with what the template says about it.
    struct Entry: Equatable {
        let key: String
        let sentence: String
        /// Empty if there is no default.
        let value: String
    }

    /// The keys of one section; those outside any section have no name.
    struct Section: Equatable {
        let name: String?
        let sentence: String
        let entries: [Entry]
    }

    let sections: [Section]

    init(_ program: ParserDescription) {
        sections =
            [Self.globals(program), Self.source(program), Self.target(program)]
            + Verb.allCases.compactMap { Self.section(of: $0, program) }
            + ConfigKeys.foreignSections.sorted { $0.key < $1.key }.map { name, keys in
                Section(
                    name: name,
                    sentence: "For yb-voyager alone: Switchback reads this section and does not use it.",
                    entries: keys.map { Entry(key: $0, sentence: "A key of yb-voyager.", value: "") })
            }
    }

    var text: String {
        let head = """
            # The config file of a migration: values for flags.
            #
            # Give it to each verb: switchback VERB --config-file FILE.
            # Remove the # in front of a key to set it. The value shown is the default.
            # The command line wins over a verb's section, a section over the keys outside any section,
            # and those over the sections source and target.
            """
        return ([head] + sections.map(Self.text)).joined(separator: "\n\n") + "\n"
    }

    private static func text(_ section: Section) -> String {
        let indent = section.name == nil ? "" : "  "
        let title = section.name.map { "\n\($0):" } ?? ""
        let entries = section.entries.map { entry in
            let value = entry.value.isEmpty ? "" : " " + entry.value
            return "\(indent)# \(entry.sentence)\n\(indent)#\(entry.key):\(value)"
        }
        return "# \(section.sentence)\(title)\n" + entries.joined(separator: "\n")
    }

    // MARK: Sections

    private static func globals(_ program: ParserDescription) -> Section {
        let verb = program.verb(.exportSchema)
        return Section(
            name: nil, sentence: "Keys outside any section are for all verbs.",
            entries: ConfigKeys.globalFlags.map { entry($0, flag: $0, of: verb) }
                + ConfigKeys.globalVariables.map(variable))
    }

    private static func source(_ program: ParserDescription) -> Section {
        let verb = program.verb(.exportDataFromSource)
        return Section(
            name: "source", sentence: "The connection to the source.",
            entries: ConfigKeys.source.map {
                entry($0, flag: $0.hasPrefix("oracle-") ? $0 : "source-" + $0, of: verb)
            })
    }

    private static func target(_ program: ParserDescription) -> Section {
        let verb = program.verb(.importDataToTarget)
        return Section(
            name: "target", sentence: "The connection to the target.",
            entries: ConfigKeys.target.map { entry($0, flag: "target-" + $0, of: verb) })
    }

    /// Returns the section of a verb; nil if it has none.
    private static func section(of verb: Verb, _ program: ParserDescription) -> Section? {
        guard let name = verb.configSections.last else { return nil }
        let rules = ForeignFlags.rules(of: verb)
        let short = verb.configSections.dropLast().map { " This section may be called \($0), too." }.joined()
        let description = program.verb(verb)
        return Section(
            name: name, sentence: "switchback \(verb.rawValue): \(description?.abstract ?? "")\(short)",
            entries: ConfigKeys.flags(of: verb).map { key in
                let foreign = rules[key].map { Entry(key: key, sentence: $0.sentence, value: "") }
                return foreign ?? entry(key, flag: key, of: description)
            }
                + ConfigKeys.variables(of: verb).map(variable))
    }

    // MARK: Keys

    private static func entry(_ key: String, flag name: String, of verb: ParserDescription?) -> Entry {
        let flag = verb?.flag(name)
        let sentence = flag?.abstract ?? sentences[key] ?? hiddenSentence(key)
        return Entry(
            key: key, sentence: sentence.split(whereSeparator: \.isNewline).joined(separator: " "),
            value: values[key] ?? flag?.defaultValue ?? namedDefault(in: sentence) ?? "")
    }

    private static func variable(_ key: String) -> Entry {
        let name = key.uppercased().replacing("-", with: "_")
        return Entry(
            key: key,
            sentence: ForeignKeys.rules[key]?.sentence
                ?? "A setting of yb-voyager: sets \(name) of the environment, if it is not set yet.",
            value: "")
    }

    /// Values other than the flag's default: a live migration has only this one.
    private static let values = ["export-type": "snapshot-and-changes"]

    /// Sentences about keys that are no visible flag.
    private static let sentences = [
        "name": "A name for people; Switchback does not use it.",
        "read-replica-endpoints": "For yb-voyager's assessment; Switchback does not use it.",
        "send-diagnostics": "For yb-voyager; Switchback sends no diagnostics.",
        "profile": "For yb-voyager; Switchback has no profiler.",
    ]

    private static func hiddenSentence(_ key: String) -> String {
        key.hasPrefix("oracle-")
            ? "For an Oracle source, which is not supported yet."
            : "A key of yb-voyager; a verb that is given it says if it has no effect."
    }

    /// Returns the default that a sentence names: `(default: 5432)`, `(initially 256MB)`.
    private static func namedDefault(in sentence: String) -> String? {
        sentence.firstMatch(of: /\((?:default:|initially) ([^)]+)\)/).map { String($0.1) }
    }
}
