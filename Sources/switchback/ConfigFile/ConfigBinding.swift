/// How a config file's values reach a verb: as flags put behind those of the command line, and as environment
/// variables. The command line wins over the verb's section, that over the global keys, those over `source` and
/// `target`; an environment variable that is set wins over the file.
struct ConfigBinding: Equatable {
    /// `--flag=value` for every flag the command line left open.
    let arguments: [String]
    let variables: [String: String]

    init(file: ConfigFile, verb: Verb, given: Set<String>) {
        let sections = verb.configSections.compactMap { file.sections[$0] }
        var values: [String: String] = [:]
        // From the weakest to the strongest: what comes later takes the place of what was there.
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
    }

    private static func sourceFlag(_ key: String) -> String {
        key.hasPrefix("oracle-") ? key : "source-" + key
    }

    private static func variable(_ key: String) -> String { key.uppercased().replacing("-", with: "_") }
}
