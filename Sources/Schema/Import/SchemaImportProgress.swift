/// How far an import is, as it begins a step.
package struct SchemaImportProgress: Sendable, Equatable {
    /// Steps that are done, of those of this pass.
    package let done: Int
    package let total: Int
    /// The object of the step that begins.
    package let label: String
    /// Whether the step builds an index, which may take long.
    package let buildsIndex: Bool
    /// The process on the server that runs the step.
    package let processID: Int
}

/// What is done when a step of an import begins.
package typealias SchemaImportHook = (SchemaImportProgress) -> Void
