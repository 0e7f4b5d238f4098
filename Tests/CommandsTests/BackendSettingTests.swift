import LiveRig
import Testing

/// Settings that fit their types and still cannot work are mistakes of headgate.yaml, found before anything is asked.
@Suite struct BackendSettingTests {
  private static let wrong = """
    store: headgate.db
    providers:
      prom: { kind: prometheus, url: "ftp://x" }
      number: { kind: prometheus, url: 3 }
      good: { kind: prometheus, url: "http://127.0.0.1:9090" }
    routers:
      neither:
        kind: haproxy
        routes: { shop: { backend: shop, blue: b, green: g } }
      both:
        kind: haproxy
        socket: admin.sock
        address: "localhost:9999"
        routes: { shop: { backend: shop, blue: b, green: g } }
      port:
        kind: haproxy
        address: "nohost:999999"
        routes: { shop: { backend: shop, blue: b, green: g } }
      same:
        kind: haproxy
        socket: admin.sock
        routes: { shop: { backend: shop, blue: a, green: a } }
      wrongs:
        kind: nginx
        directory: conf.d
        status: "8080"
        routes:
          shop: { upstream: "a b", by: $remote_addr, blue: "x;", green: y }
    deployers:
      twins: { kind: process, command: serve, argv: [serve], ports: { blue: 8080, green: 8080 } }
      odd: { kind: process, command: serve, health: "none", ports: { blue: 0, green: 8081 } }
      unready: { kind: process, command: serve, health: "none", ports: { blue: 8082, green: 8081 } }
    notifiers:
      hook: { kind: webhook, url: "http://chat/x", secretUrl: { secret: hook }, bearer: { secret: hook } }
      mail: { kind: smtp, host: mail, from: Ada, to: [bob@example.com, carol], port: 70000, user: ada }
    secrets: { hook: { env: HOOK } }

    """

  private static let places = [
    ("3:34", "this is no web address"), ("4:36", "this is no web address"),
    ("8:5", "one of `socket` and `address` is missing"),
    ("13:5", "only one of `socket` and `address` may be given"),
    ("17:14", #"`nohost:999999` is no host with a port"#),
    ("22:47", "`blue` and `green` are both `a`"),
    ("26:13", "`8080` is no host with a port"), ("28:25", "`a b` does not fit here"),
    ("28:32", "`by` needs `variable` beside it"), ("28:56", "`x;` does not fit here"),
    ("30:43", "only one of `command` and `argv` may be given"), ("30:79", "`blue` and `green` are both `8080`"),
    ("31:72", "`0` is out of range"), ("32:3", "unready: `health` must be as http"),
    ("34:48", "only one of `url` and `secretUrl` may be given"),
    ("35:41", "`Ada` does not fit here"), ("35:68", "`carol` does not fit here"), ("35:82", "`70000` is out of range"),
    ("35:89", "`user` needs `password` beside it"),
  ]

  @Test func `validate finds every backend that cannot work, at its place`() async throws {
    try await Scratch.with { scratch in
      _ = try scratch.rig.write(Self.wrong, to: "headgate.yaml")
      let ending = try await scratch.headgate("validate", "headgate.yaml")
      #expect(ending.code == 65, "\(ending.all)")
      let text = ending.out + ending.errors
      for (place, words) in Self.places {
        #expect(text.contains("headgate.yaml:\(place): error: \(words)"), "\(words)\n\(text)")
      }
      #expect(text.matches(of: #/: error: /#).count == Self.places.count, "\(text)")
    }
  }

  @Test func `a run of what names one says it in words, and drives nothing`() async throws {
    try await Scratch.with { scratch in
      _ = try scratch.rig.write(Self.wrong, to: "headgate.yaml")
      _ = try scratch.rig.write(
        """
        pipeline: shop
        service: shop
        environment: production
        parameters: { version: { required: true } }
        metrics:
          errors: { provider: prom, query: "errors{version='${version}'}", pass: value < 5 }
        stages:
          - verify: soak
            hold: 1s
            gate: { metrics: [errors], every: 1s, delay: 0s, atLeast: 1 }
        """, to: "soak.yaml")
      let ending = try await scratch.headgate("run", "soak.yaml", "--set", "version=1")
      #expect(ending.code == 65, "\(ending.all)")
      #expect(ending.errors.contains("headgate.yaml:3:34: "), "\(ending.all)")
      #expect(ending.errors.contains("provider `prom` cannot be used: "), "\(ending.all)")
      #expect(!ending.errors.contains("Failure("), "\(ending.all)")
    }
  }

  @Test func `what depends on the machine that asks is no mistake here`() async throws {
    try await Scratch.with { scratch in
      _ = try scratch.rig.write(
        """
        routers:
          pod: { kind: kubernetes, routes: { shop: { route: shop, blue: b, green: g } } }
          cluster:
            kind: kubernetes
            kubeconfig: /etc/nowhere/kubeconfig
            routes: { shop: { route: shop, blue: b, green: g } }

        """, to: "headgate.yaml")
      let ending = try await scratch.headgate("validate", "headgate.yaml")
      #expect(ending.code == 0, "\(ending.all)")
    }
  }
}
