import Engine
import Records

/// The gates of the cutovers, as the demo's operator meets them.
extension HeadlessRun {
    /// What the target lacks until its indexes and triggers are imported.
    private static let lacking = [GateName.indexes, .triggers]

    /// Asks for the cutover while the target still has no indexes and no triggers, and prints the refusal.
    /// A cutover that is not refused is a problem of the run.
    mutating func showRefusal() throws {
        let options = cutoverOptions(to: .target)
        try demoOperator.control.readGatesAgain()
        try demoOperator.wait(for: "the gates of the indexes and triggers to be red", atMost: Bound.gates) {
            let gates = try demoOperator.control.gates(for: options)
            return Self.lacking.allSatisfy { name in gates.first { $0.name == name }?.state == .red }
        }
        say("cutting over before the indexes and triggers are there")
        let gates = try demoOperator.control.gates(for: options).filter { Self.lacking.contains($0.name) }
        do { _ = try demoOperator.leave(.initiateCutover(options)) } catch DemoError.requestFailed(
            _, let answer)
        {
            say("the cutover is refused, and nothing is changed:")
            for gate in gates { say("  \(gate.name.rawValue) (\(gate.state.rawValue)): \(gate.found)") }
            for name in Self.lacking where !answer.contains("\(name.rawValue) (red)") {
                record.problems.append("the refusal of the cutover does not name the gate \(name.rawValue)")
            }
            return
        }
        record.problems.append("a cutover to a target without indexes and triggers was not refused at once")
        try demoOperator.wait(for: "the cutover's own gates to abort it", atMost: Bound.gates) {
            try demoOperator.control.status().cutovers.last?.word == .aborted
        }
    }

    /// Waits until no gate refuses the cutover.
    func awaitGates(to side: Side) throws {
        try demoOperator.control.readGatesAgain()
        let options = cutoverOptions(to: side)
        try demoOperator.wait(
            for: "the gates to let the cutover to the \(side.rawValue) begin", atMost: Bound.gates
        ) {
            let gates = try demoOperator.control.gates(for: options)
            return !gates.isEmpty && !gates.contains(where: \.refuses)
        }
    }
}
