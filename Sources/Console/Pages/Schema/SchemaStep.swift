import Engine

/// A step of the schema's page, in their usual order.
enum SchemaStep: Int, CaseIterable {
    case export
    case analyze
    case importSchema
    case indexes

    var label: String {
        switch self {
        case .export: "export the source's schema into files"
        case .analyze: "analyze the files"
        case .importSchema: "import tables, keys, types, functions and views"
        case .indexes: "import indexes and triggers, after the snapshot"
        }
    }

    /// The step in one word.
    var word: String {
        switch self {
        case .export: "export"
        case .analyze: "analyze"
        case .importSchema: "import"
        case .indexes: "indexes"
        }
    }

    /// The request with the form's options.
    func request(_ form: Form) -> Request {
        switch self {
        case .export: .exportSchema(startClean: form.isOn("clean"))
        case .analyze: .analyzeSchema
        case .importSchema:
            .importSchema(
                ImportSchemaOptions(
                    ignoreExist: form.isOn("exist"), continueOnError: form.isOn("continue")))
        case .indexes:
            .importSchema(
                ImportSchemaOptions(
                    postSnapshotImport: true, ignoreExist: form.isOn("exist"),
                    continueOnError: form.isOn("continue"), refreshMaterializedViews: form.isOn("views")))
        }
    }

    /// The title of its request, whatever the options.
    var title: String { request(Form(fields: [], button: "")).title }

    static let titles = allCases.map(\.title)

    /// The questions of all steps.
    static var form: Form {
        let imports: Set = [importSchema.rawValue, indexes.rawValue]
        return Form(
            fields: [
                Field("step", "Step", .list(allCases.map(\.label), 0)),
                Field(
                    "clean", "Start clean", .toggle(false), onlyFor: [export.rawValue],
                    help: "Removes the schema files of an earlier export, including your edits."),
                Field(
                    "exist", "Ignore objects that exist", .toggle(false), onlyFor: imports,
                    help: "Skips an object that the target already has."),
                Field(
                    "continue", "Continue on error", .toggle(false), onlyFor: imports,
                    help: "Continues after a failed statement and lists the failed ones at the end."),
                Field(
                    "views", "Refresh materialized views", .toggle(false), onlyFor: [indexes.rawValue],
                    help: "Refreshes the materialized views of the target."),
            ], button: "Do this step")
    }
}
