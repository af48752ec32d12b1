import Engine
import Records

extension Canvas {
    /// Draws the identity bar: migration, both servers with the source on the left, phase, age of the
    /// numbers, clock.
    mutating func drawIdentityBar(_ data: ConsoleData) {
        let status = data.status
        // The bar has the colour of what the databases are for, and its word.
        let bar = status?.environment?.token ?? .headerBar
        let strong = status?.environment?.token ?? .headerName
        fill(Rectangle(row: 0, column: 0, rows: 1, columns: columns), token: bar)
        let time = clock(data.now, utcOffset: data.utcOffset)
        let away = status?.servers.filter(\.value.isAway).keys.sorted { $0.rawValue < $1.rawValue } ?? []
        let age = ageWords(data, away)
        let phase = status.map { ($0.isPaused ? "‖ PAUSED " : "▶ ") + $0.phase.word } ?? "NO STATUS"
        let ageStart = columns - 1 - textWidth(time) - 2 - textWidth(age)
        writeRight(time, row: 0, endColumn: columns - 1, token: bar)
        write(age, row: 0, column: ageStart, token: data.isStale || !away.isEmpty ? .statusWarn : bar)
        // A console that only watches says so; x takes the wheel.
        let flag =
            data.readOnly ? "READ-ONLY  " : status?.wheel.refusal == nil ? "" : "WATCHING  "
        let state = away.isEmpty ? phase : "✗ " + away.map { $0.rawValue.uppercased() }.listed + " AWAY"
        let phaseStart = ageStart - 2 - textWidth(flag + state)
        let token: Token = data.direction == .forward ? .directionForward : .directionReverse
        write(flag + state, row: 0, column: phaseStart, token: away.isEmpty ? token : .statusCritical)

        let name = status?.name ?? "switchback"
        let word = status?.environment.map { $0.word + " " } ?? ""
        var column = write(word, row: 0, column: 1, token: strong)
        column = write(name, row: 0, column: column, token: strong, limit: max(8, columns / 6)) + 2
        let fixed = "SOURCE  ".count + 1 + "  TARGET".count
        let width = max(0, phaseStart - 2 - column - fixed)
        let (source, target) = places(status, width: width)
        let sourceRoom = max(width / 2, width - textWidth(target))
        column = write("SOURCE ", row: 0, column: column, token: bar)
        column = write(shortenedPlace(source, to: sourceRoom), row: 0, column: column, token: strong)
        let arrow =
            switch status?.phase {
            // Nothing streams any more.
            case .complete, .ended: " · "
            default: data.direction == .forward ? " → " : " ← "
            }
        column = write(arrow, row: 0, column: column, token: token)
        let targetRoom = max(0, width - textWidth(shortenedPlace(source, to: sourceRoom)))
        column = write(shortenedPlace(target, to: targetRoom), row: 0, column: column, token: strong)
        write(" TARGET", row: 0, column: column, token: bar)
    }

    /// Returns the age of the numbers. Behind a server that does not answer, they are as old as its last
    /// answer.
    private func ageWords(_ data: ConsoleData, _ away: [Side]) -> String {
        if !away.isEmpty {
            let since = away.compactMap { data.status?.server($0).since }.min()
            return "unread \(since.map { duration(max(0, data.now - $0).rounded(.down)) } ?? unknown)"
        }
        let age = data.dataAge.map { duration($0.rounded(.down)) } ?? unknown
        return data.isStale ? "STALE \(age)" : "data \(age)"
    }

    /// Returns both servers in the longest form that fits and tells them apart: with database, with port, the
    /// host alone; else they are whole, to be shortened in the middle.
    private func places(_ status: MigrationStatus?, width: Int) -> (source: String, target: String) {
        let whole = (source: status?.sourcePlace ?? unknown, target: status?.targetPlace ?? unknown)
        var (source, target) = whole
        for separator in [nil, "/", ":"] as [Character?] {
            if let separator {
                (source, target) = (cut(source, at: separator), cut(target, at: separator))
            }
            guard source != target || source == unknown else { break }
            if textWidth(source) + textWidth(target) <= width { return (source, target) }
        }
        // Two long names: what they begin with alike tells nothing.
        let hosts = (source: cut(whole.source, at: "/"), target: cut(whole.target, at: "/"))
        var alike = zip(hosts.source, hosts.target).prefix { $0 == $1 }.count
        // A word is not cut.
        let letters = Array(hosts.source)
        while alike > 0, letters[alike - 1].isLetter || letters[alike - 1].isNumber { alike -= 1 }
        guard alike > Self.alikeMin, hosts.source != hosts.target else { return whole }
        let rest = "…" + hosts.target.dropFirst(alike)
        if textWidth(hosts.source) + textWidth(rest) <= width { return (hosts.source, rest) }
        return ("…" + hosts.source.dropFirst(alike), rest)
    }

    /// Characters that two names must begin with alike before these are left out.
    private static let alikeMin = 3

    /// Returns what is before the last separator; the text if it has none.
    private func cut(_ place: String, at separator: Character) -> String {
        guard let end = place.lastIndex(of: separator), end > place.startIndex else { return place }
        return String(place[..<end])
    }

    /// Draws the phase rail: the groups of phases that are done, current, skipped and to come.
    mutating func drawPhaseRail(_ data: ConsoleData) {
        let groups = PhaseGroup.allCases
        let phase = data.status?.phase ?? .prepare
        let current = groups.firstIndex(of: phase.group) ?? 0
        let isWide = columns >= 100
        var column = 1
        for (index, group) in groups.enumerated() {
            // After the end, the last group is done as well.
            let isDone = index < current || phase == .ended
            let isSkipped =
                isDone && group == .cutoverToSource
                && data.status?.cutover(to: .source)?.word != .completed
                || isDone && group == .fallBack && !(data.status?.fallBackEnabled ?? false)
            let mark = isSkipped ? "⊘" : isDone ? "✓" : index == current ? "▶" : "·"
            let token: Token = isDone ? .railDone : index == current ? .railCurrent : .railTodo
            let name = isWide ? group.rawValue : group.shortName
            let words = mark + " " + (index == current && !isDone ? name.uppercased() : name)
            column = write(words, row: 1, column: column, token: token) + (isWide ? 2 : 1)
        }
    }
}

extension PhaseGroup {
    /// The name at 80 columns: all seven must fit in one row.
    package var shortName: String {
        switch self {
        case .prepare, .schema, .liveMigration, .fallBack, .end: rawValue
        case .cutoverToTarget: "To target"
        case .cutoverToSource: "To source"
        }
    }
}
