import ArgumentParser
import Engine
import Foundation

/// The flags of the metrics that a process which runs a role serves to Prometheus.
struct MetricsFlags: ParsableArguments {
    @Option(help: "Serve metrics for Prometheus at this port; 0 serves none.") var metricsPort: Int?
    @Option(help: "The IP address to serve metrics at; whoever reaches it may read them.")
    var metricsAddress = "127.0.0.1"
    /// The former spelling of `--metrics-port`, kept for scripts.
    @Option(help: .hidden) var prometheusMetricsPort: Int?

    mutating func validate() throws {
        for (flag, port) in [
            ("metrics-port", metricsPort), ("prometheus-metrics-port", prometheusMetricsPort),
        ]
        where port != 0 { try checkPort(port, flag: flag) }
        if let metricsPort, let prometheusMetricsPort, metricsPort != prometheusMetricsPort {
            throw ValidationError("--prometheus-metrics-port is --metrics-port; give one of them")
        }
        guard SocketAddress(metricsAddress, port: 0) != nil else {
            throw ValidationError("--metrics-address \(metricsAddress) is not an IP address")
        }
    }

    /// Begins to serve the metrics of a migration, if a port was given. Throws if the port cannot be had.
    func serve(_ migration: any MigrationControl) throws -> MetricsServer? {
        guard let port = metricsPort ?? prometheusMetricsPort, port != 0 else { return nil }
        return try MetricsServer(address: metricsAddress, port: port) {
            MetricsText.text(MigrationMetrics.families(try migration.status()))
        }
    }
}
