import Foundation
import Postgres
import Records
import Support

@testable import Engine

/// The faults of a simulation.
enum Fault: CaseIterable {
    case killProcess
    case killProcessesAndTearLog
    case stopProcess
    case freezeProcess
    case zombie
    case killOrigin
    case killDestination
    case killAll
    case cutOrigin
    case cutDestination
    case cutInMessage
    case cutAtCommit
    case swallowCommitAnswer
    case losesApplicationCommit
    case stall
    case pause
    case changeApplyMode
    case archive
    case alterTable
}

extension Simulation {
    /// Injects a random fault. What was killed runs again when this returns.
    func inject(_ direction: Direction) async throws {
        let (origin, destination) = (direction.origin, direction.destination)
        let fault = Fault.allCases[random.below(Fault.allCases.count)]
        trace.note("fault \(fault)")
        switch fault {
        case .killProcess:
            processes.end(victims())
            try await pause()
            try startProcesses()
        case .killProcessesAndTearLog:
            processes.end(processes.names)
            try await tearLog()
            try startProcesses()
        case .stopProcess:
            processes.end(victims(), SIGTERM)
            try startProcesses()
        case .freezeProcess:
            let victims = victims()
            for name in victims { processes.freeze(name) }
            try await pause()
            if random.below(3) == 0 {
                processes.end(victims)
                try startProcesses()
            } else {
                for name in victims { processes.thaw(name) }
            }
        case .zombie: try await delayCommit(ways[destination])
        case .killOrigin: try await crash([origin])
        case .killDestination: try await crash([destination])
        case .killAll:
            processes.end(processes.names)
            try await crash(Side.allCases)
            if random.below(2) == 0 { try await tearLog() }
            try startProcesses()
        case .cutOrigin: ways[origin]?.cutAll()
        case .cutDestination: ways[destination]?.cutAll()
        case .cutInMessage:
            let side = random.below(2) == 0 ? origin : destination
            ways[side]?.cut(
                after: random.below(60_000), random.below(2) == 0 ? .toServer : .toClient)
        case .cutAtCommit:
            ways[destination]?.cutNextCommit()
            try await pause()
        case .swallowCommitAnswer:
            ways[destination]?.swallowNextCommitAnswer()
            try await pause()
        case .losesApplicationCommit:
            if random.below(2) == 0 {
                applicationWays[origin]?.cutNextCommit()
            } else {
                applicationWays[origin]?.swallowNextCommitAnswer()
            }
        case .stall:
            let side = random.below(2) == 0 ? origin : destination
            ways[side]?.stall()
            try await pause()
            ways[side]?.resume()
        case .pause:
            guard try migration.refusal(of: .pause) == nil else { return }
            _ = try migration.leave(.pause, by: "simulation")
            try await pause()
            _ = try migration.leave(.resume, by: "simulation")
        case .changeApplyMode:
            let mode = SimulationPlan.someMode(&random)
            trace.note("\(mode) from now on")
            _ = try migration.leave(.setApplyMode(mode), by: "simulation")
        case .archive:
            // All segments that count as applied, also the newest three.
            let archived = try SegmentArchiver(
                segments: migration.segmentList(), exportDirectory: directory,
                policy: .archive(directory: archiveDirectory)
            ).sweep(workflowRuns: false)
            trace.note("\(archived.count) segments archived")
        case .alterTable: try await alterTable(direction)
        }
    }

    /// Adds a column on the origin and, after a while, on the destination: until then the table may be set
    /// aside.
    private func alterTable(_ direction: Direction) async throws {
        // Not during a snapshot or a cutover.
        guard [.streaming, .fallBack].contains(try migration.record().phase) else { return }
        let table = ["filler", "place", "pair", "by_hash", "whole", "large", "bag"][random.below(7)]
        let change = "alter table \(table) add column extra_\(altered.count) int"
        let origin = try connect(direction.origin)
        try origin.execute("set lock_timeout = '2s'")
        do { try origin.execute(change) } catch {
            guard ["55P03", "40P01"].contains(error.sqlState) else { throw error }
            return trace.note("no lock for: \(change)")
        }
        altered.append("public.\(table)")
        trace.note(change)
        try await pause()
        if random.below(2) == 0 {
            processes.end(victims())
            try await pause()
            try startProcesses()
        }
        try connect(direction.destination).execute(change)
    }

    /// Returns the name of one of the program's processes, or of all.
    private func victims() -> [String] {
        let names = processes.names
        let index = random.below(names.count + 1)
        return index == names.count ? names : [names[index]]
    }

    /// Kills the program while one of its commits is delayed; the commit arrives while the next process
    /// works.
    private func delayCommit(_ way: CuttingProxy?) async throws {
        way?.holdNextCommit(passing: random.below(2))
        for _ in 0..<30 where way?.isHolding != true { try await Task.sleep(for: .milliseconds(10)) }
        trace.note(way?.isHolding == true ? "a COMMIT is delayed" : "there was no COMMIT to delay")
        processes.end(processes.names)
        try startProcesses(healing: false)
        try await pause()
        way?.heal()
    }

    /// Waits for a random time: the moments of faults are random on purpose.
    private func pause() async throws {
        try await Task.sleep(for: .milliseconds(random.below(300)))
    }

    private func crash(_ sides: [Side]) async throws {
        for side in sides { try SimulatedServers.server(side).kill() }
        try await pause()
        for side in sides { try SimulatedServers.server(side).start() }
        trace.note("the \(sides.map(\.rawValue).joined(separator: " and the ")) is back")
    }

    /// Removes the newest part of the log, as a power loss would, but nothing that was confirmed to the
    /// server.
    private func tearLog() async throws {
        guard let leg = try migration.record().currentLeg, leg.endedAt == nil else { return }
        var confirmed: LogPosition?
        try await eventually("the slot \(leg.slotName) is inactive") {
            let rows = try server(leg.direction.origin).query(
                "select active, confirmed_flush_lsn from pg_replication_slots where slot_name = $1",
                [leg.slotName]
            ).rows
            // The slot may not exist yet; then nothing was confirmed.
            guard let row = rows.first else { return true }
            confirmed = row[1].flatMap { LSN(lsn: $0) }
            return row[0] == "f"
        }
        guard let confirmed else { return }
        trace.note(
            try TornTail.tear(
                exportDirectory: directory, leg: leg.number, confirmed: confirmed, &random))
    }
}
