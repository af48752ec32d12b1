/// A config file's values for one verb: flags that are added to the command line, and environment variables.
/// The command line wins over the verb's section, the section over the global keys, and the global keys over
/// `source` and `target`. An environment variable that is set wins over the file.
struct ConfigBinding: Equatable {
    /// `--flag=value` for each flag that the command line does not have.
    let arguments: [String]
    let variables: [String: String]
    /// The keys for this verb that set no flag, with their values; without passwords.
    let keys: [String: String]
    /// The section `target`, without the password; nil if there is none.
    let target: [String: String]?

    init(file: ConfigFile, verb: Verb, given: Set<String>) {
        let sections = verb.configSections.compactMap { file.sections[$0] }
        var values: [String: String] = [:]
        // From the weakest to the strongest: a later value replaces an earlier one.
        for key in ConfigKeys.sourceKeys(of: verb) {
            values[Self.sourceFlag(key)] = file.sections["source"]?[key]
        }
        for key in ConfigKeys.targetKeys(of: verb) {
            values["target-" + key] = file.sections["target"]?[key]
        }
        for key in ConfigKeys.globalFlags {
            if let value = file.globals[key] { values[key] = value }
        }
        for section in sections {
            for key in ConfigKeys.flags(of: verb) {
                if let value = section[key] { values[key] = value }
            }
        }
        arguments = values.filter { !given.contains($0.key) }.sorted { $0.key < $1.key }.map {
            "--\($0.key)=\($0.value)"
        }

        var variables: [String: String] = [:]
        for key in ConfigKeys.globalVariables { variables[Self.variable(key)] = file.globals[key] }
        for section in sections {
            for key in ConfigKeys.variables(of: verb) {
                if let value = section[key] { variables[Self.variable(key)] = value }
            }
        }
        if ConfigKeys.takesPasswordsFromEnvironment(verb) {
            for side in ["source", "target"] {
                if let password = file.sections[side]?["db-password"] {
                    variables[Self.variable("\(side)-db-password")] = password
                }
            }
        }
        self.variables = variables
        target = file.sections["target"]?.filter { $0.key != "db-password" }
        self.keys = Self.keys(file, sections, verb)
    }

    private static func keys(_ file: ConfigFile, _ sections: [[String: String]], _ verb: Verb) -> [String:
        String]
    {
        var keys = file.globals.filter { ConfigKeys.globalVariables.contains($0.key) }
        for section in sections {
            keys.merge(section.filter { ConfigKeys.variables(of: verb).contains($0.key) }) { $1 }
        }
        let replicas = "read-replica-endpoints"
        if !ConfigKeys.sourceKeys(of: verb).isEmpty { keys[replicas] = file.sections["source"]?[replicas] }
        return keys
    }

    private static func sourceFlag(_ key: String) -> String {
        key.hasPrefix("oracle-") ? key : "source-" + key
    }

    private static func variable(_ key: String) -> String { key.uppercased().replacing("-", with: "_") }
}
