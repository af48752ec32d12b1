import Foundation
import Support
import Testing

/// Whole migrations under faults. `SWITCHBACK_SIM_RUNS` is their number, `SWITCHBACK_SIM_SEED` repeats one of
/// them.
@Suite(.serialized) struct SimulationTests {
    private static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        let runs = environment["SWITCHBACK_SIM_RUNS"].flatMap { Int($0) } ?? 4
        if let seed = environment["SWITCHBACK_SIM_SEED"].flatMap({ UInt64($0) }) {
            return [UInt64](repeating: seed, count: environment["SWITCHBACK_SIM_RUNS"] == nil ? 1 : runs)
        }
        return (0..<runs).map { _ in UInt64.random(in: 0...UInt64(UInt32.max)) }
    }()

    @Test
    func `whatever fails and whenever, nothing acknowledged is lost or doubled, and both sides are equal`()
        async throws
    {
        var voidRuns = 0
        for (number, seed) in Self.seeds.enumerated() {
            say("simulation \(number + 1) of \(Self.seeds.count): SWITCHBACK_SIM_SEED=\(seed)")
            let began = ContinuousClock.now
            let simulation = try Simulation(seed: seed)
            var failed = false
            do { try await simulation.run() } catch let fault as ServerCannotDecode {
                voidRuns += 1
                say("simulation \(number + 1) is void: \(fault.message)")
            } catch {
                failed = true
                Issue.record("SWITCHBACK_SIM_SEED=\(seed): \(error)\n\(simulation.situation())")
            }
            await simulation.close(failed: failed)
            let seconds = Double((ContinuousClock.now - began) / .milliseconds(1)) / 1000
            say(
                String(format: "simulation %d: %.1f s, ", number + 1, seconds)
                    + "\(simulation.plan.description); \(simulation.accounts.summary), "
                    + "\(simulation.streamedTransactions) streamed early")
            if ProcessInfo.processInfo.environment["SWITCHBACK_SIM_TRACE"] != nil {
                say(simulation.trace.text)
            }
        }
        #expect(voidRuns <= max(1, Self.seeds.count / 10))
    }

    /// Prints the seed at once, so that it is known also if this process dies.
    private func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
