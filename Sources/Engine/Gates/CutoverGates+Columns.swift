import Records

/// The gate of the tables: what the columns of both sides have in common.
extension CutoverGates {
    var columnFindings: [GateFinding] {
        let there = shapes(destination.shapes)
        let here = shapes(origin.shapes)
        return tables.sorted().flatMap { name -> [GateFinding] in
            guard let shape = there[name] else {
                return [
                    stop(
                        name, on: destinationSide, "is not there",
                        "create it on the \(destinationSide.rawValue) with the rows it should have")
                ]
            }
            guard let own = here[name] else {
                return [
                    GateFinding(
                        severity: streamsBack ? .stop : .warning,
                        subject: subject(name, on: originSide), cause: "is not there any more",
                        remedy: "create it there again, or drop it on the \(destinationSide.rawValue), too")
                ]
            }
            return lacking(own, of: shape) + added(shape, to: own) + computed(own, shape)
                + otherTypes(own, shape)
        }
    }

    /// Columns of the origin that the destination lacks; their values would be lost.
    private func lacking(_ own: TableShape, of shape: TableShape) -> [GateFinding] {
        own.columns.filter { !$0.isGenerated && shape.column($0.name) == nil }.map { column in
            stop(
                own.name, on: destinationSide,
                "lacks column \(column.name), which the \(originSide.rawValue) has",
                "alter table \(own.name.quoted) add column \(quoteIdentifier(column.name)) "
                    + "\(column.typeText), with the values it has on the \(originSide.rawValue)")
        }
    }

    /// Columns that only the destination has; the application's writes to them could not be streamed back.
    private func added(_ shape: TableShape, to own: TableShape) -> [GateFinding] {
        guard streamsBack else { return [] }
        return shape.columns.filter { !$0.isGenerated && own.column($0.name) == nil }.map {
            stop(
                own.name, on: destinationSide,
                "has column \($0.name), which the \(originSide.rawValue) lacks: its changes could not be "
                    + "streamed back",
                "on the \(originSide.rawValue): alter table \(own.name.quoted) add column "
                    + "\(quoteIdentifier($0.name)) \($0.typeText)"
            )
        }
    }

    /// Columns that are generated on the origin, which therefore does not send them, and ordinary on the
    /// destination.
    private func computed(_ own: TableShape, _ shape: TableShape) -> [GateFinding] {
        own.columns.filter { $0.isGenerated && shape.column($0.name)?.isGenerated == false }.map {
            GateFinding(
                severity: streamsBack ? .stop : .warning, subject: subject(own.name, on: destinationSide),
                cause:
                    "does not generate column \($0.name); the \(originSide.rawValue) does, and therefore "
                    + "sends no values for it and takes none",
                remedy:
                    "give it the expression that it has on the \(originSide.rawValue): drop the column and "
                    + "add it anew as generated"
            )
        }
    }

    /// Columns that take other values on the destination: what the application writes there may not fit.
    private func otherTypes(_ own: TableShape, _ shape: TableShape) -> [GateFinding] {
        own.columns.compactMap { column in
            guard let there = shape.column(column.name), !there.hasType(of: column) else { return nil }
            return GateFinding(
                severity: .warning, subject: subject(own.name, on: destinationSide),
                cause:
                    "has column \(column.name) as \(there.typeText); the \(originSide.rawValue) has it as "
                    + column.typeText,
                remedy:
                    "alter table \(own.name.quoted) alter column \(quoteIdentifier(column.name)) type "
                    + "\(column.typeText), if the application needs that type")
        }
    }

    private func shapes(_ shapes: [TableShape]) -> [QualifiedName: TableShape] {
        Dictionary(shapes.map { ($0.name, $0) }) { first, _ in first }
    }
}
