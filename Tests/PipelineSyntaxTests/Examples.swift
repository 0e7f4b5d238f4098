import PipelineModel

extension BackendKind {
  /// Kinds like the real ones, and one of each sort that can do less.
  static let examples = [
    BackendKind(
      name: "prometheus", port: .metrics, about: "A Prometheus server.",
      settings: SettingsSchema([
        .init("url", .text, .url, required: true, about: "Address of the server."),
        .init("timeout", .duration, about: "Longest it may take to answer."),
        .init("token", .secret, about: "Sent as a bearer token."),
        .init(
          "headers", .mapOf(.text), .matching("[A-Za-z-]+", example: "X-Tenant", help: "use letters and -"),
          about: "Sent with every request."),
      ]), capabilities: [.rangeQueries]),
    BackendKind(name: "counter", port: .metrics, about: "Counts.", settings: SettingsSchema([])),
    BackendKind(
      name: "haproxy", port: .traffic, about: "HAProxy by its runtime socket.",
      settings: SettingsSchema([
        .init("socket", .text, required: true, about: "Path or address of the runtime socket."),
        .init("mode", .oneOf(["weights", "map"]), about: "How traffic is split."),
      ]),
      routeSettings: SettingsSchema(
        [
          .init("backend", .text, required: true, about: "Name of the backend in HAProxy's configuration."),
          .init("servers", .list(.text), about: "Names of its servers."),
          .init("header", .text, about: "Header that is looked at."),
          .init("headers", .text, about: "Map of header values."),
        ], rules: SettingsRule.together("header", "headers")),
      distinctRoutes: [["headers"]],
      headerSetting: "header", headerLimits: HeaderLimits(name: 40, value: 20),
      capabilities: [.partialWeights, .readBack], conditional: [.headerRoute: "headers"]),
    BackendKind(
      name: "pick", port: .traffic, about: "One of two ways.", settings: SettingsSchema([]),
      routeSettings: SettingsSchema(
        [
          .init("pool", .text, about: "One way."), .init("map", .text, about: "The other."),
          .init("key", .text, about: "Of the map."),
        ], rules: [.oneOf(["pool", "map"]), .needs("map", "key")]), distinctRoutes: [["map", "key"]]),
    BackendKind(name: "switch", port: .traffic, about: "All or nothing.", settings: SettingsSchema([])),
    BackendKind(
      name: "buildserver", port: .step, about: "Runs jobs.",
      settings: SettingsSchema([.init("url", .text, required: true, about: "Address.")]),
      steps: [
        StepKind(
          name: "job", about: "Runs a job to its end.",
          with: SettingsSchema([
            .init("name", .text, required: true, about: "The job."), .init("cores", .number, about: "How many."),
            .init("patience", .duration, about: "How long it may wait."), .init("fast", .bool, about: "Whether."),
            .init("size", .oneOf(["small", "large"]), about: "Of the machine."),
            .init("args", .list(.text), about: "Words."), .init("env", .mapOf(.text), about: "Variables."),
          ])), StepKind(name: "idle", about: "Does nothing."),
      ]),
    BackendKind(
      name: "command", port: .deployment, about: "Commands.",
      settings: SettingsSchema([
        .init("start", .text, required: true, about: "Brings a version up."),
        .init("retries", .number, about: "Tries."), .init("verbose", .bool, about: "Says more."),
      ])),
    BackendKind(
      name: "unit", port: .deployment, about: "One service.",
      settings: SettingsSchema([.init("service", .text, about: "Which.")]), serviceSetting: "service"),
    BackendKind(
      name: "hook", port: .notification, about: "Posts.",
      settings: SettingsSchema([
        .init("url", .text, required: true, about: "Address."),
        .init("title", .template(["title", "service"]), about: "Template of the title."),
      ])),
  ]
}

extension Installation {
  static let example = Installation(
    store: "headgate.db",
    providers: [
      Backend(name: "prometheus", kind: "prometheus", settings: Settings(["url": .text("http://127.0.0.1:9090")])),
      Backend(name: "counter", kind: "counter", settings: Settings()),
    ],
    routers: [
      Backend(
        name: "edge", kind: "haproxy",
        settings: Settings([
          "socket": .text("/run/haproxy.sock"),
          "routes": .map(
            Settings([
              "checkout": .map(Settings(["backend": .text("shop")])),
              "cart": .map(
                Settings(["backend": .text("cart"), "header": .text("x-canary"), "headers": .text("cart.map")])),
            ])),
        ])),
      Backend(name: "lever", kind: "switch", settings: Settings()),
    ],
    deployers: [
      Backend(name: "compose", kind: "command", settings: Settings(["start": .text("up")])),
      Backend(name: "cart-unit", kind: "unit", settings: Settings(["service": .text("cart")])),
      Backend(name: "shop-unit", kind: "unit", settings: Settings(["service": .text("shop")])),
    ],
    notifiers: [Backend(name: "chat", kind: "hook", settings: Settings(["url": .text("http://127.0.0.1:8065")]))],
    runners: [Backend(name: "ci", kind: "buildserver", settings: Settings(["url": .text("http://127.0.0.1:8080")]))],
    roles: [.init(name: "release-manager", members: ["alice", "bob"]), .init(name: "nobody", members: [])])
}
