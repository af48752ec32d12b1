import Console
import Engine
import Support
import Testing

/// Random keys, resizes and pastes. No key acts on a database without its question.
@Suite struct FuzzTests {
    /// Keys that each run draws from, beside all of the keymap's.
    private static let more: [KeyEvent] = [
        .enter, .escape, .tab, .backTab, .backspace, .paste("orders"), .paste("drop table x;\nyes\n"),
        .character("o"), .character("r"), .character("d"), .character("e"), .character("s"), .function(9),
        .control("q"), .delete, .left, .right,
    ]

    private static let runs = 5
    private static let keysPerRun = 120

    /// Whether a request changes something that a person has to be asked about first. The others are undone
    /// by their opposite, or come from the button of a page with its plan.
    private func needsQuestion(_ request: Request) -> Bool {
        switch request {
        case .initiateCutover, .approveRelease, .abortCutover, .endMigration, .excludeTable, .endSession,
            .setErrorPolicy, .mendChecks, .fixFindings:
            true
        case .checkDatabases, .exportSchema, .analyzeSchema, .decideFindings, .importSchema, .chooseTables,
            .startLiveMigration, .pause, .resume, .setApplyMode, .setDiskLimits, .retryTable,
            .acceptDifferences, .acknowledge, .setVerification, .stopWorker:
            false
        }
    }

    private func scene(_ number: Int) -> FakeMigration {
        var migration: FakeMigration =
            switch number % 5 {
            case 0: FakeMigration()
            case 1: FakeMigration(phase: .schema)
            case 2: .streaming()
            case 3: .fallBack()
            default: .cuttingOver()
            }
        migration.forms = FakeMigration.connected
        migration.status.writers = FakeMigration.writers(now: migration.now)
        migration.startWorker(nil, nil)
        return migration
    }

    @Test func `no random key acts on a database without a question, and none ends the console by a fault`() {
        var random = Randomness("console keys")
        let keys = Keymap.standard.bindings.flatMap(\.keys) + Self.more
        for run in 0..<Self.runs {
            var hands = Hands(scene(run))
            for step in 0..<Self.keysPerRun {
                let key = keys[Int.random(in: keys.indices, using: &random)]
                let hadDialog = hands.state.dialog != nil
                let before = hands.control.state.records.count
                hands.press(key)
                for record in hands.control.state.records.dropFirst(before)
                where needsQuestion(record.request) {
                    #expect(
                        hadDialog && key == .enter,
                        "run \(run), step \(step): \(key) asked for \(record.request.title)")
                }
                if step.isMultiple(of: 7) { hands.refresh() }
                if step.isMultiple(of: 31) {
                    let rows = Int.random(in: 1...60, using: &random)
                    let columns = Int.random(in: 1...220, using: &random)
                    #expect(hands.screen(rows: rows, columns: columns).count == rows)
                }
            }
        }
    }
}
