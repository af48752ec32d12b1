/// The one place where the console and the demo are called.
enum Faces {
    static func console(_ flags: OpenConsole, directory: String) async throws {
        throw VerbFailure("the console is not part of this build yet")
    }

    static func demo(_ flags: OpenDemo) async throws {
        throw VerbFailure("the demo is not part of this build yet")
    }
}
