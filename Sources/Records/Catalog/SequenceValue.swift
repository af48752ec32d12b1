/// A column of a migrated table that owns a sequence or takes its values from one.
package struct SequenceColumn: Hashable, Sendable, Codable, CustomStringConvertible {
    package let table: QualifiedName
    package let name: Identifier

    package init(table: QualifiedName, name: Identifier) {
        self.table = table
        self.name = name
    }

    package var description: String { "\(table).\(name)" }
}

/// A sequence as the catalog defines it, with the columns of migrated tables that use it.
package struct SequenceDefinition: Sendable, Codable, Equatable {
    package let name: QualifiedName
    package let increment: Int64
    package let minimum: Int64
    package let maximum: Int64
    package let cycles: Bool
    /// Columns whose default or identity takes values from it.
    package var generates: [SequenceColumn]
    /// Columns that own it without taking their default from it.
    package var owners: [SequenceColumn]
    /// Whether any column of any table uses it.
    package let isUsed: Bool

    package init(
        name: QualifiedName, increment: Int64 = 1, minimum: Int64 = 1, maximum: Int64 = .max,
        cycles: Bool = false, generates: [SequenceColumn] = [], owners: [SequenceColumn] = [],
        isUsed: Bool? = nil
    ) {
        self.name = name
        self.increment = increment
        self.minimum = minimum
        self.maximum = maximum
        self.cycles = cycles
        self.generates = generates
        self.owners = owners
        self.isUsed = isUsed ?? !(generates.isEmpty && owners.isEmpty)
    }

    package var servesMigratedTable: Bool { !(generates.isEmpty && owners.isEmpty) }

    package var isDescending: Bool { increment < 0 }
}

/// The state of a sequence.
package struct SequenceValue: Sendable, Codable, Equatable {
    package let name: QualifiedName
    package let lastValue: Int64
    package let isCalled: Bool
    /// Nil in the journals of earlier versions, which matched sequences by name.
    package let definition: SequenceDefinition?

    package init(
        name: QualifiedName, lastValue: Int64, isCalled: Bool, definition: SequenceDefinition? = nil
    ) {
        self.name = name
        self.lastValue = lastValue
        self.isCalled = isCalled
        self.definition = definition
    }
}
