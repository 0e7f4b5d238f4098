// swift-tools-version: 6.2
import PackageDescription

// Targets stand in the order of the flow: text → model → engine → controller → store → people.
// A target exists to keep a dependency out; CONTRIBUTING.md says which.

let model: Target.Dependency = "PipelineModel"

let package = Package(
  name: "headgate",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "headgate", targets: ["headgate"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.27.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    .target(name: "PipelineModel"),
    .target(
      name: "PipelineSyntax", dependencies: [model, "Analysis", "Flags", .product(name: "Yams", package: "Yams")]),
    .target(name: "Analysis", dependencies: [model]),
    .target(name: "Flags", dependencies: [model]),
    .target(name: "Engine", dependencies: [model, "Analysis", "Flags"]),
    .target(name: "Proofs", dependencies: [model, .product(name: "Crypto", package: "swift-crypto")]),
    .target(name: "Narrative", dependencies: [model, "Analysis", "Engine"]),
    .target(name: "PluginKit", dependencies: [model]),
    .target(name: "Conformance", dependencies: [model, "PluginKit"]),
    .target(name: "Resilience", dependencies: [model, "PluginKit"]),
    .target(
      name: "PluginHost",
      dependencies: [
        model, "PluginKit", "Conformance",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .target(
      name: "Controller",
      dependencies: [
        model, "Flags", "Engine", "Proofs", "PluginKit",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(name: "StoreFiles", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(
      name: "SQLiteStore",
      dependencies: [
        model, "Flags", "Engine", "Proofs", "Controller", "StoreFiles",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(
      name: "Simulation",
      dependencies: [
        model, "Analysis", "Engine", .product(name: "HeapModule", package: "swift-collections"),
      ]),
    .target(name: "ControlAPI", dependencies: [model]),
    .target(
      name: "ControlServer",
      dependencies: [
        model, "Flags", "Engine", "Controller", "ControlAPI",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    .target(
      name: "Commands",
      dependencies: [
        model, "Analysis", "PipelineSyntax", "Flags", "Engine", "Narrative", "Controller", "SQLiteStore", "Simulation",
        "ControlAPI", "ControlServer", "Proofs",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),

    // Backends: one folder, one client library, one target each.
    .target(
      name: "BackendHTTP",
      dependencies: [
        model, "PluginKit",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOFoundationCompat", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .plugin("Prometheus", ["BackendHTTP"]),
    .plugin("HTTP", ["BackendHTTP"]),
    .plugin("Graphite", ["BackendHTTP"]),
    .plugin("InfluxDB", ["BackendHTTP"]),
    .target(
      name: "AWSSigning",
      dependencies: [model, "PluginKit", "BackendHTTP", .product(name: "Crypto", package: "swift-crypto")]),
    .plugin("CloudWatch", ["BackendHTTP", "AWSSigning"]),
    .plugin("SQL", [.product(name: "GRDBSQLite", package: "GRDB.swift")]),
    .plugin("File", []),
    .plugin(
      "HAProxy",
      [.product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOCore", package: "swift-nio")]),
    .plugin("ALB", ["BackendHTTP", "AWSSigning"]),
    .plugin("Caddy", ["BackendHTTP"]),
    .plugin("Envoy", ["BackendHTTP"]),
    .target(
      name: "KubernetesClient",
      dependencies: [model, "PluginKit", "BackendHTTP", .product(name: "Yams", package: "Yams")]),
    .plugin("Kubernetes", ["KubernetesClient"]),
    .plugin(
      "Nginx",
      [
        "BackendHTTP", .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .plugin(
      "Command",
      [
        "BackendHTTP", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .plugin("Simulated", ["Engine", "Simulation"]),
    .plugin("Webhook", ["BackendHTTP", .product(name: "Crypto", package: "swift-crypto")]),
    .plugin("Alertmanager", ["BackendHTTP"]),
    .plugin(
      "SMTP",
      [
        "BackendHTTP", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),

    .executableTarget(
      name: "headgate",
      dependencies: [
        model, "PipelineSyntax", "Engine", "Proofs", "PluginKit", "Controller", "SQLiteStore", "Simulation", "Commands",
        "PrometheusPlugin", "HTTPPlugin", "FilePlugin", "HAProxyPlugin", "CommandPlugin", "SimulatedPlugin",
        "ALBPlugin", "CaddyPlugin", "EnvoyPlugin", "KubernetesPlugin", "NginxPlugin",
        "PluginHost", "GraphitePlugin", "InfluxDBPlugin", "CloudWatchPlugin", "SQLPlugin",
        "Resilience", "WebhookPlugin", "AlertmanagerPlugin", "SMTPPlugin",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ]),

    // Measures; printed by `script/bench`.
    .executableTarget(
      name: "Bench",
      dependencies: [
        model, "PipelineSyntax", "Analysis", "Engine", "PluginKit", "Controller", "SQLiteStore", "Simulation",
        "PluginHost",
        "Resilience", "Flags", "Proofs",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Benchmarks", exclude: ["peers", "server"]),
    .executableTarget(
      name: "BenchServer",
      dependencies: [
        model, "Flags", "ControlServer",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      path: "Benchmarks/server"),

    // For tests only.
    .target(name: "PluginTestKit", dependencies: [model, "PluginKit", "Conformance"]),
    .target(
      name: "TestSupport",
      dependencies: [
        model, "Engine", "Controller", "Simulation", .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "ControllerTests",
      dependencies: [
        model, "Flags", "Engine", "Proofs", "PluginKit", "Controller", "SQLiteStore", "Simulation", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .target(
      name: "LiveRig",
      dependencies: [
        model, "HAProxyPlugin", .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/LiveRig", exclude: ["Fixtures"]),
    .testTarget(
      name: "BackendHTTPTests",
      dependencies: [model, "PluginKit", "BackendHTTP", "LiveRig", .product(name: "NIOCore", package: "swift-nio")]),
    .testTarget(
      name: "PrometheusPluginTests",
      dependencies: [model, "PluginKit", "PluginTestKit", "BackendHTTP", "PrometheusPlugin", "LiveRig"],
      path: "Plugins/Prometheus/Tests"),
    .testTarget(
      name: "HTTPPluginTests", dependencies: [model, "PluginKit", "PluginTestKit", "HTTPPlugin", "LiveRig"],
      path: "Plugins/HTTP/Tests"),
    .testTarget(
      name: "FilePluginTests", dependencies: [model, "PluginKit", "PluginTestKit", "FilePlugin"],
      path: "Plugins/File/Tests"),
    .testTarget(
      name: "GraphitePluginTests", dependencies: [model, "PluginKit", "PluginTestKit", "GraphitePlugin", "LiveRig"],
      path: "Plugins/Graphite/Tests"),
    .testTarget(
      name: "InfluxDBPluginTests", dependencies: [model, "PluginKit", "PluginTestKit", "InfluxDBPlugin", "LiveRig"],
      path: "Plugins/InfluxDB/Tests"),
    .testTarget(
      name: "AWSSigningTests",
      dependencies: [
        model, "PluginKit", "BackendHTTP", "AWSSigning", "LiveRig", .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .testTarget(
      name: "CloudWatchPluginTests",
      dependencies: [model, "PluginKit", "PluginTestKit", "BackendHTTP", "CloudWatchPlugin", "LiveRig"],
      path: "Plugins/CloudWatch/Tests"),
    .testTarget(
      name: "SQLPluginTests",
      dependencies: [
        model, "PluginKit", "PluginTestKit", "SQLPlugin", "LiveRig",
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      path: "Plugins/SQL/Tests"),
    .testTarget(
      name: "FaultTableTests",
      dependencies: [
        model, "PluginKit", "PluginTestKit", "LiveRig", "PrometheusPlugin", "HTTPPlugin", "GraphitePlugin",
        "InfluxDBPlugin", "CloudWatchPlugin", "EnvoyPlugin", "CaddyPlugin", "KubernetesPlugin",
        "ALBPlugin", "WebhookPlugin", "AlertmanagerPlugin", "HAProxyPlugin", "SQLPlugin", "SMTPPlugin", "CommandPlugin",
        "FilePlugin", "PluginHost", "NginxPlugin", "Resilience",
      ]),
    .testTarget(
      name: "HAProxyPluginTests", dependencies: [model, "PluginKit", "PluginTestKit", "HAProxyPlugin", "LiveRig"],
      path: "Plugins/HAProxy/Tests"),
    .testTarget(
      name: "ALBPluginTests",
      dependencies: [model, "PluginKit", "PluginTestKit", "AWSSigning", "BackendHTTP", "ALBPlugin", "LiveRig"],
      path: "Plugins/ALB/Tests"),
    .testTarget(
      name: "CaddyPluginTests",
      dependencies: [model, "PluginKit", "PluginTestKit", "BackendHTTP", "CaddyPlugin", "LiveRig"],
      path: "Plugins/Caddy/Tests"),
    .testTarget(
      name: "EnvoyPluginTests",
      dependencies: [model, "PluginKit", "PluginTestKit", "EnvoyPlugin", "headgate", "LiveRig"],
      path: "Plugins/Envoy/Tests"),
    .testTarget(
      name: "KubernetesClientTests", dependencies: [model, "PluginKit", "BackendHTTP", "KubernetesClient", "LiveRig"]),
    .testTarget(
      name: "KubernetesPluginTests",
      dependencies: [model, "PluginKit", "PluginTestKit", "KubernetesClient", "KubernetesPlugin", "LiveRig"],
      path: "Plugins/Kubernetes/Tests"),
    .testTarget(
      name: "NginxPluginTests",
      dependencies: [model, "PluginKit", "PluginTestKit", "NginxPlugin", "headgate", "LiveRig"],
      path: "Plugins/Nginx/Tests"),
    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        model, "headgate", "HAProxyPlugin", "LiveRig", .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .testTarget(
      name: "CommandsTests", dependencies: [model, "headgate", "LiveRig"], exclude: ["Snapshots", "Fixtures"]),
    .testTarget(
      name: "SimulationTests", dependencies: [model, "PipelineSyntax", "Engine", "Simulation", "TestSupport"]),
    .testTarget(
      name: "PipelineSyntaxTests", dependencies: [model, "Flags", "PipelineSyntax"],
      exclude: ["Diagnostics", "Hostile", "Plans", "Snapshots"]),
    .testTarget(
      name: "CommandPluginTests", dependencies: [model, "PluginKit", "PluginTestKit", "CommandPlugin", "LiveRig"],
      path: "Plugins/Command/Tests"),
    .testTarget(name: "AnalysisTests", dependencies: [model, "Analysis"], exclude: ["Vectors"]),
    .testTarget(name: "FlagsTests", dependencies: [model, "Flags"], exclude: ["Vectors"]),
    .testTarget(
      name: "ControlServerTests",
      dependencies: [
        model, "Flags", "Engine", "ControlAPI", "ControlServer", "LiveRig",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTesting", package: "hummingbird"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Logging", package: "swift-log"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "WebhookPluginTests",
      dependencies: [
        model, "PluginKit", "PluginTestKit", "WebhookPlugin", "LiveRig",
        .product(name: "Crypto", package: "swift-crypto"),
      ], path: "Plugins/Webhook/Tests"),
    .testTarget(
      name: "AlertmanagerPluginTests",
      dependencies: [model, "PluginKit", "PluginTestKit", "AlertmanagerPlugin", "LiveRig"],
      path: "Plugins/Alertmanager/Tests"),
    .testTarget(
      name: "SMTPPluginTests", dependencies: [model, "PluginKit", "PluginTestKit", "SMTPPlugin", "LiveRig"],
      path: "Plugins/SMTP/Tests", exclude: ["Fixtures"]),
    .testTarget(name: "ResilienceTests", dependencies: [model, "PluginKit", "PluginTestKit", "Resilience"]),
    .testTarget(
      name: "SimulatedPluginTests",
      dependencies: [model, "Engine", "PluginKit", "PluginTestKit", "Simulation", "SimulatedPlugin"],
      path: "Plugins/Simulated/Tests"),
    .testTarget(
      name: "PluginHostTests",
      dependencies: [
        model, "PipelineSyntax", "PluginKit", "PluginHost", "PluginTestKit",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["Fixtures"]),
    .testTarget(name: "NarrativeTests", dependencies: [model, "Analysis", "Engine", "Narrative"]),
    .testTarget(name: "EngineTests", dependencies: [model, "Analysis", "Flags", "Engine"], exclude: ["Snapshots"]),
    .testTarget(
      name: "ProofsTests", dependencies: [model, "Proofs", .product(name: "Crypto", package: "swift-crypto")]),
    .testTarget(
      name: "SQLiteStoreTests",
      dependencies: [
        model, "Flags", "Engine", "Proofs", "Controller", "SQLiteStore", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
  ]
)

extension Target {
  /// A backend in `Plugins/<name>`: it sees the vocabulary, the ports, and its own client library.
  static func plugin(_ name: String, _ client: [Target.Dependency]) -> Target {
    .target(
      name: "\(name)Plugin", dependencies: ["PipelineModel", "PluginKit"] + client,
      path: "Plugins/\(name)/Sources")
  }
}

// Built by `script/fuzz` only: an executable without a `main` of its own links under the fuzzer and nowhere else.
if Context.environment["HEADGATE_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz-syntax", dependencies: [model, "PipelineSyntax", "Engine", "Flags"], path: "Tests/Fuzz"))
}

for target in package.targets {
  target.swiftSettings = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ]
}
