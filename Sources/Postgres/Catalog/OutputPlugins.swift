import Records

/// The libraries that a server allows as a slot's output plugin: the parameter `output_plugin_libraries`, new
/// in the minor versions of autumn 2026. It also restricts superusers.
package enum OutputPlugins: Sendable, Equatable {
    /// The server has no such parameter.
    case unlimited
    case listed([String])
    /// Only a superuser or a member of `pg_read_all_settings` may read it.
    case unreadable

    package static let parameter = "output_plugin_libraries"

    /// Reads the parameter's value.
    package init(setting: String) {
        self = .listed(
            setting.split(separator: ",").map { entry in
                String(entry.drop { $0 == " " }).trimmedEnd.unquoted
            })
    }

    /// Returns what a superuser does to allow one more plugin.
    package func remedy(allowing plugin: String) -> String {
        switch self {
        case .listed(let names):
            // Each name is a literal of its own; a single literal would be a single name.
            let all = (names + [plugin]).map(quoteLiteral).joined(separator: ", ")
            return "alter system set \(Self.parameter) = \(all); select pg_reload_conf()"
        case .unlimited, .unreadable:
            return
                "as a superuser, add \(plugin) to the names that `show \(Self.parameter)` lists, with alter "
                + "system, and reload"
        }
    }
}

extension String {
    fileprivate var trimmedEnd: String { String(reversed().drop { $0 == " " }.reversed()) }

    fileprivate var unquoted: String {
        count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
    }
}

extension PostgresConnection {
    package func outputPlugins() throws(PostgresError) -> OutputPlugins {
        do {
            let setting = try query(
                "select pg_catalog.current_setting($1, true)", [OutputPlugins.parameter],
                doing: "read the allowed output plugins"
            ).scalar
            return setting.map { OutputPlugins(setting: $0) } ?? .unlimited
        } catch {
            guard error.sqlState == "42501" else { throw error }
            return .unreadable
        }
    }
}
