/// The object that a statement creates or changes, as reports name it.
struct StatementObject: Equatable, Sendable {
    let type: String
    let name: String
    /// Whether the statement creates the object.
    let isCreated: Bool
}

extension ParsedStatement {
    /// Its object, by its tree; by its comment line or its first words if it has none.
    var object: StatementObject {
        guard let tree else { return StatementObject(type: type.rawValue, name: label, isCreated: true) }
        switch tree.kind {
        case "CreateStmt": return created("TABLE", tree.node("relation")?.shownName)
        case "CreateForeignTableStmt":
            return created("FOREIGN TABLE", tree.node("base")?.node("relation")?.shownName)
        case "IndexStmt":
            return created("INDEX", on(tree.text("idxname"), tree.node("relation")))
        case "ViewStmt": return created("VIEW", tree.node("view")?.shownName)
        case "CreateTableAsStmt": return created("MVIEW", tree.node("into")?.node("rel")?.shownName)
        case "CreateFunctionStmt":
            return created(
                tree.flag("is_procedure") ? "PROCEDURE" : "FUNCTION",
                tree.texts("funcname").joined(separator: "."))
        case "CreateTrigStmt": return created("TRIGGER", on(tree.text("trigname"), tree.node("relation")))
        case "CreatePolicyStmt": return created("POLICY", on(tree.text("policy_name"), tree.node("table")))
        case "RuleStmt": return created("RULE", on(tree.text("rulename"), tree.node("relation")))
        case "CreateSeqStmt": return created("SEQUENCE", tree.node("sequence")?.shownName)
        case "CreateExtensionStmt": return created("EXTENSION", tree.text("extname"))
        case "CreateSchemaStmt": return created("SCHEMA", tree.text("schemaname"))
        case "CompositeTypeStmt": return created("TYPE", tree.node("typevar")?.shownName)
        case "CreateEnumStmt", "CreateRangeStmt":
            return created("TYPE", tree.texts("typeName").joined(separator: "."))
        case "CreateDomainStmt": return created("DOMAIN", tree.texts("domainname").joined(separator: "."))
        case "CreateConversionStmt":
            return created("CONVERSION", tree.texts("conversion_name").joined(separator: "."))
        case "CreatedbStmt": return created("DATABASE", tree.text("dbname"))
        case "DefineStmt":
            let kind = (tree.text("kind") ?? "").replacing("OBJECT_", with: "")
            return created(kind, tree.texts("defnames").joined(separator: "."))
        case "AlterTableStmt":
            let kind = (tree.text("objtype") ?? "OBJECT_TABLE").replacing("OBJECT_", with: "")
                .replacing("_", with: " ")
            return StatementObject(
                type: kind, name: tree.node("relation")?.shownName ?? label, isCreated: false)
        default: return StatementObject(type: type.rawValue, name: label, isCreated: false)
        }
    }

    private func created(_ type: String, _ name: String?) -> StatementObject {
        StatementObject(type: type, name: name ?? label, isCreated: true)
    }

    private func on(_ name: String?, _ relation: Node?) -> String {
        "\(name ?? "") ON \(relation?.shownName ?? "")"
    }
}
