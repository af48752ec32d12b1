// swift-tools-version: 6.2
import PackageDescription

/// The settings every module of ours is built with; warnings become errors where
/// SWITCHBACK_STRICT is set, as `.ci/run` does.
let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        // Overlapping access is looked for wherever the tests run, and not again in the released program.
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    ] + (Context.environment["SWITCHBACK_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// The settings that released programs are linked with. The default linker warns about a call within the
/// static Foundation; this one, from the same toolchain, does not.
let released: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"], .when(configuration: .release))]

let package = Package(
    name: "switchback",
    products: [.executable(name: "switchback", targets: ["switchback"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CPgQuery", providers: [.apt(["libpg-query-dev"])]),
        .systemLibrary(name: "CNcurses", providers: [.apt(["libncursesw5-dev"])]),
        .target(name: "CChecksum"),
        .target(name: "Records", swiftSettings: strict),
        .target(
            name: "Postgres", dependencies: ["CPostgres", "Records"],
            resources: [.embedInCode("SQL")], swiftSettings: strict),
        .target(
            name: "Journal",
            dependencies: ["CChecksum", "Records", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .target(
            name: "Schema",
            dependencies: [
                "CPgQuery", "Postgres", "Records", .product(name: "Mustache", package: "swift-mustache"),
            ],
            resources: [.embedInCode("SQL"), .embedInCode("Templates")], swiftSettings: strict),
        .target(
            name: "Engine", dependencies: ["Schema", "Journal", "Records"],
            swiftSettings: strict),
        .target(
            name: "PostgresPorts", dependencies: ["Engine", "Schema", "Postgres", "Journal", "Records"],
            swiftSettings: strict),
        .target(
            name: "Console",
            dependencies: ["CNcurses", "Engine", "Records", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),
        .target(
            name: "Demo", dependencies: ["Engine", "Postgres", "PostgresPorts", "Records"],
            resources: [.embedInCode("SQL")], swiftSettings: strict),
        .executableTarget(
            name: "switchback",
            dependencies: [
                "Console", "Engine", "Demo", "Postgres", "PostgresPorts", "Records", "Schema",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict,
            linkerSettings: released, plugins: ["RecordBuild"]),
        // Writes the commit and the compiler of a build for `switchback version`.
        .plugin(name: "RecordBuild", capability: .buildTool()),
        .executableTarget(
            name: "bench",
            dependencies: [
                "Demo", "Engine", "Postgres", "PostgresPorts", "Records",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Benchmarks", exclude: ["Console"], swiftSettings: strict, linkerSettings: released),
        .executableTarget(
            name: "consolebench", dependencies: ["Support", "consoleprobe"], path: "Benchmarks/Console",
            swiftSettings: strict, linkerSettings: released),
        .systemLibrary(name: "CVTerm", path: "Tests/CVTerm", providers: [.apt(["libvterm-dev"])]),
        .target(
            name: "Support",
            dependencies: [
                "CVTerm", "Demo", "Engine", "Journal", "Postgres", "PostgresPorts", "Records", "Schema",
            ],
            path: "Tests/Support", swiftSettings: strict),
        .executableTarget(
            name: "consoleprobe", dependencies: ["Console", "Engine", "Records", "Support"],
            path: "Tests/ConsoleProbe", swiftSettings: strict),
        .testTarget(
            name: "VoyageTests",
            dependencies: [
                "Demo", "Engine", "Postgres", "Records", "Support", "consoleprobe", "switchback",
            ], swiftSettings: strict),
        .testTarget(name: "RecordsTests", dependencies: ["Records", "Support"], swiftSettings: strict),
        .testTarget(
            name: "PostgresTests", dependencies: ["Postgres", "Records", "Support"], swiftSettings: strict),
        .testTarget(
            name: "JournalTests",
            dependencies: ["Journal", "Records", "Support", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .testTarget(
            name: "SchemaTests", dependencies: ["Records", "Schema", "Support"], swiftSettings: strict),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Demo", "Engine", "Journal", "Postgres", "PostgresPorts", "Records", "Support",
                "switchback",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PostgresPortsTests",
            dependencies: ["Engine", "Postgres", "PostgresPorts", "Records", "Support"],
            swiftSettings: strict),
        .testTarget(
            name: "DemoTests", dependencies: ["Demo", "Support", "switchback"], swiftSettings: strict),
        .testTarget(
            name: "ConsoleTests",
            dependencies: ["CNcurses", "Console", "Engine", "Records", "Support", "consoleprobe"],
            exclude: ["Screens"], swiftSettings: strict),
        .testTarget(name: "VerbTests", dependencies: ["Support", "switchback"], swiftSettings: strict),
        .testTarget(
            name: "WorkflowTests",
            dependencies: [
                "Demo", "Engine", "Postgres", "PostgresPorts", "Records", "Support", "switchback",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Demo", "Engine", "Journal", "Postgres", "PostgresPorts", "Records", "Support", "switchback",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "LargeTests",
            dependencies: [
                "Demo", "Engine", "Postgres", "PostgresPorts", "Records", "Support", "switchback",
            ],
            swiftSettings: strict),
    ]
)
