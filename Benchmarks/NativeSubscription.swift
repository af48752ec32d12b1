import Foundation

/// PostgreSQL's own logical replication from the same origin to a database of its own.
struct NativeSubscription {
    let origin: Database
    let destination: Database
    let publication: String
    private let name: String

    /// Starts at the origin's current position: the destination already has the same rows.
    init(origin: Database, destination: Database, publication: String) throws {
        self.origin = origin
        self.destination = destination
        self.publication = publication
        name = "native_" + origin.name
        try destination.run(
            """
            create subscription \(name) connection '\(origin.connectionString)' publication \(publication)
            with (copy_data = false, slot_name = '\(name)')
            """)
    }

    func enable() throws { try destination.run("alter subscription \(name) enable") }

    /// Disables the subscription; from now on its slot keeps the changes.
    func disable() throws {
        try destination.run("alter subscription \(name) disable")
        try wait(for: "the subscription to release its slot", seconds: 60) {
            try origin.value("select active from pg_replication_slots where slot_name = '\(name)'") == "f"
        }
    }

    func drop() throws { try destination.run("drop subscription \(name)") }
}
