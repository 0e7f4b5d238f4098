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
    deployers:
      twins: { kind: process, command: serve, ports: { blue: 8080, green: 8080 } }

    """

  private static let places = [
    ("3:3", "prom: "), ("4:3", "number: "), ("7:3", "neither: give either `socket`"), ("10:3", "both: give either"),
    ("15:3", #"port: `address` is "nohost:999999"; write host:port"#),
    ("19:3", "same/shop: `blue` and `green` are both a"), ("24:3", "twins: `ports`"),
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
      #expect(ending.errors.contains("headgate.yaml:3:3: "), "\(ending.all)")
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
