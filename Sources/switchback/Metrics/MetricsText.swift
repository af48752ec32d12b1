/// A metric with its samples.
struct MetricFamily: Equatable {
    /// The kind of a metric, as Prometheus names it.
    enum Kind: String {
        case counter
        case gauge
    }

    /// One value, with the labels that tell it from the others of its family.
    struct Sample: Equatable {
        let labels: [(name: String, value: String)]
        let value: Double

        static func == (left: Sample, right: Sample) -> Bool {
            left.value == right.value && left.labels.elementsEqual(right.labels, by: ==)
        }
    }

    let name: String
    let help: String
    let kind: Kind
    private(set) var samples: [Sample] = []

    init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    /// Adds a sample; a value that is unknown is left out.
    mutating func add(_ value: Double?, _ labels: KeyValuePairs<String, String> = [:]) {
        guard let value else { return }
        samples.append(Sample(labels: labels.map { ($0.key, $0.value) }, value: value))
    }

    mutating func add(_ value: Int64?, _ labels: KeyValuePairs<String, String> = [:]) {
        add(value.map(Double.init), labels)
    }

    /// A family of one sample.
    init(
        _ name: String, _ kind: Kind, _ help: String, _ value: Double?,
        _ labels: KeyValuePairs<String, String> = [:]
    ) {
        self.init(name, kind, help)
        add(value, labels)
    }
}

/// The text format of Prometheus, version 0.0.4.
enum MetricsText {
    /// Returns the text; a family without samples is left out.
    static func text(_ families: [MetricFamily]) -> String {
        families.filter { !$0.samples.isEmpty }.map { family in
            "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
                + "# TYPE \(family.name) \(family.kind.rawValue)\n"
                + family.samples.map { line(family.name, $0) }.joined()
        }.joined()
    }

    private static func line(_ name: String, _ sample: MetricFamily.Sample) -> String {
        let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        let list = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
        return "\(name)\(list) \(number(sample.value))\n"
    }

    private static func number(_ value: Double) -> String {
        // Whole numbers without exponent or fraction, as far as a Double holds them exactly.
        if value == value.rounded(), abs(value) < 9e15 { return String(Int64(value)) }
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-Inf" : "+Inf") : "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        let lines = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return quotes ? lines.replacing("\"", with: "\\\"") : lines
    }
}
