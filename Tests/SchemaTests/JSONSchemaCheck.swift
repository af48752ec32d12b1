import Foundation

/// A check of a JSON value against the part of JSON Schema that docs/ uses. It returns what does not match.
struct JSONSchemaCheck {
    let root: [String: Any]

    /// Reads a schema from `docs/`.
    init(named name: String) throws {
        let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: checkout.appendingPathComponent("docs/\(name)"))
        root = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    func faults(in text: String) throws -> [String] {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return faults(of: value, root, at: "$")
    }

    private func faults(of value: Any, _ given: [String: Any], at path: String) -> [String] {
        var schema = given
        if let reference = schema["$ref"] as? String, let name = reference.split(separator: "/").last {
            schema = (root["$defs"] as? [String: Any])?[String(name)] as? [String: Any] ?? [:]
        }
        if let words = schema["enum"] as? [String] {
            return (value as? String).map(words.contains) == true ? [] : ["\(path) is none of \(words)"]
        }
        switch schema["type"] as? String {
        case "object": return faults(ofObject: value, schema, at: path)
        case "array":
            guard let values = value as? [Any] else { return ["\(path) is no array"] }
            let items = schema["items"] as? [String: Any] ?? [:]
            return values.enumerated().flatMap { faults(of: $0.element, items, at: "\(path)[\($0.offset)]") }
        case "string":
            guard let text = value as? String else { return ["\(path) is no string"] }
            guard let pattern = schema["pattern"] as? String else { return [] }
            return text.range(of: pattern, options: .regularExpression) == nil
                ? ["\(path) does not match \(pattern)"] : []
        case "integer", "number":
            guard let number = value as? NSNumber else { return ["\(path) is no number"] }
            let least = (schema["minimum"] as? NSNumber)?.doubleValue ?? -.infinity
            return number.doubleValue < least ? ["\(path) is less than \(least)"] : []
        default: return ["\(path) has a schema without a type"]
        }
    }

    private func faults(ofObject value: Any, _ schema: [String: Any], at path: String) -> [String] {
        guard let object = value as? [String: Any] else { return ["\(path) is no object"] }
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        let missing = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }
        return missing.map { "\(path).\($0) is missing" }
            + object.flatMap { name, inner -> [String] in
                if let known = properties[name] { return faults(of: inner, known, at: "\(path).\(name)") }
                guard let other = schema["additionalProperties"] as? [String: Any] else {
                    return ["\(path).\(name) is not described"]
                }
                return faults(of: inner, other, at: "\(path).\(name)")
            }
    }
}
