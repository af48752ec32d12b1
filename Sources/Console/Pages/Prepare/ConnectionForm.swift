import Engine
import Records

/// The answers about what the databases are for; the first one stands for none.
private let environments = ["unsaid"] + Environment.allCases.map(\.rawValue)
private let sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

extension ConnectionPage {
    /// Returns the connection fields of both databases, the source on the left.
    static func form(_ forms: DatabaseForms, _ data: ConsoleData) -> Form {
        var schemas = Field(
            "schemas", "Schemas", .text(TextField(forms.schemas.map { Identifier($0) }.listed)), place: .left,
            help: "Schemas to migrate, separated by commas.")
        schemas.isOfSide = false
        var environment = Field(
            "environment", "For",
            .choice(
                environments, forms.environment.flatMap { environments.firstIndex(of: $0.rawValue) } ?? 0),
            place: .right, help: "What the databases are for: every console shows it in its first row.")
        environment.isOfSide = false
        let fields =
            side("source", forms.source, place: .left, hasPassword: data.hasSourcePassword)
            + side("target", forms.target, place: .right, hasPassword: data.hasTargetPassword)
            + [schemas, environment]
        // Complete answers need no walk through every field.
        return Form(
            fields: fields, button: "Check both databases",
            focusOnButton: forms.source.isComplete && forms.target.isComplete)
    }

    private static func side(
        _ side: String, _ form: ConnectionForm, place: Field.Place, hasPassword: Bool
    ) -> [Field] {
        let encrypted = Field.Condition(side + ".sslmode", ["require", "verify-ca", "verify-full"])
        let given = hasPassword ? "given at the start" : "none: PGPASSFILE"
        return [
            Field(side + ".host", "Host", .text(TextField(form.host)), place: place),
            Field(side + ".port", "Port", .text(TextField(String(form.port))), place: place),
            Field(side + ".database", "Database", .text(TextField(form.database)), place: place),
            Field(side + ".user", "User", .text(TextField(form.user)), place: place),
            Field(
                side + ".password", "Password", .secret(TextField(), given: given), place: place,
                help: "Kept in memory and given to the worker; never written to a file."),
            Field(
                side + ".sslmode", "TLS mode", .choice(sslModes, sslModes.firstIndex(of: form.sslMode) ?? 2),
                place: place, help: "Left and Right choose; only verify-full proves the server's identity."),
            Field(
                side + ".ca", "CA file", .text(TextField(form.sslRootCert)), place: place,
                onlyIf: Field.Condition(side + ".sslmode", ["verify-ca", "verify-full"]),
                help: "The certificate of the authority, a file on this machine."),
            Field(
                side + ".cert", "Cert file", .text(TextField(form.sslCert)), place: place,
                onlyIf: encrypted,
                help: "The client's certificate, if the server requires one."),
            Field(
                side + ".key", "Key file", .text(TextField(form.sslKey)), place: place, onlyIf: encrypted,
                help: "The client's private key."),
            Field(
                side + ".crl", "CRL file", .text(TextField(form.sslCRL)), place: place,
                onlyIf: Field.Condition(side + ".sslmode", ["verify-ca", "verify-full"]),
                help: "The list of revoked certificates."),
        ]
    }

    /// Returns the answers in the engine's form, or what is wrong with one.
    static func databases(from form: Form) -> Result<DatabaseForms, ConsoleError> {
        do {
            let schemas = NameList.names(in: form.text("schemas"))
            return .success(
                DatabaseForms(
                    source: try connection("source", form), target: try connection("target", form),
                    schemas: schemas, environment: Environment(rawValue: form.text("environment"))))
        } catch {
            return .failure(error)
        }
    }

    private static func connection(_ side: String, _ form: Form) throws(ConsoleError) -> ConnectionForm {
        guard let port = Int(trimmed(form.text(side + ".port"))), (1...65535).contains(port) else {
            throw ConsoleError("The port of the \(side) is a number from 1 to 65535, such as 5432.")
        }
        return ConnectionForm(
            host: trimmed(form.text(side + ".host")), port: port,
            database: trimmed(form.text(side + ".database")),
            user: trimmed(form.text(side + ".user")), sslMode: form.text(side + ".sslmode"),
            sslCert: trimmed(form.text(side + ".cert")), sslKey: trimmed(form.text(side + ".key")),
            sslRootCert: trimmed(form.text(side + ".ca")), sslCRL: trimmed(form.text(side + ".crl")))
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
