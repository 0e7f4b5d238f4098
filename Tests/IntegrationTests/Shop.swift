import Foundation
import LiveRig
import Testing

/// A shop in production: v1 in blue behind a real HAProxy, a real Prometheus, steady load, and `headgate` to ship with.
struct Shop {
  let rig: Rig
  let deployment: ShopDeployment
  let haproxy: HAProxyServer
  let prometheus: PrometheusServer
  let headgate: HeadgateProgram
  let load: Load

  /// Sets it up with so many requests a second to one of the router's fronts, does `work`, and takes it down.
  static func open(
    to front: KeyPath<HAProxyServer, Int>, rate: Double = 120, _ work: (Shop) async throws -> Void
  ) async throws {
    try await Rig.with { rig in
      let deployment = try ShopDeployment(in: rig)
      try await deployment.up("v1", in: "blue")
      let haproxy = try await HAProxyServer(blue: deployment.bluePort, green: deployment.greenPort, in: rig)
      let targets = [deployment.bluePort, deployment.greenPort, haproxy.exporterPort]
      let prometheus = try await PrometheusServer(targets: targets, in: rig)
      _ = try rig.write(
        Rig.installation(haproxy: haproxy, prometheus: prometheus, deployment: deployment), to: "headgate.yaml")
      let load = try await Load.start(to: haproxy[keyPath: front], rate: rate, in: rig)
      try await work(
        Shop(
          rig: rig, deployment: deployment, haproxy: haproxy, prometheus: prometheus,
          headgate: HeadgateProgram(in: rig.folder), load: load))
    }
  }

  static func open(_ work: (Shop) async throws -> Void) async throws { try await open(to: \.weightsPort, work) }

  // MARK: Pipelines

  /// A canary judged on errors, every second.
  static func canary(
    steps: String = "[5%, 25%, 50%, 100%]", hold: String = "2s", metric: String = "", before: String = ""
  ) -> String {
    """
    pipeline: shop
    service: shop
    environment: test

    parameters:
      version: { required: true, pattern: "v[0-9]+" }

    metrics:
      errors:
        provider: prometheus
        query: \(errors)
        pass: value < 5%
        \(metric)

    stages:
    \(before)
      - canary: production
        route: edge/weights
        deploy: local
        steps: \(steps)
        hold: \(hold)
        gate: { metrics: [errors], every: 1s, atLeast: 2 measurements }
        deadline: 2m

    """
  }

  /// A canary judged by comparison with what runs beside it, every four seconds.
  static let compared = """
    pipeline: shop
    service: shop
    environment: test

    parameters:
      version: { required: true, pattern: "v[0-9]+" }

    metrics:
      errors:
        provider: prometheus
        canary:
          bad: 'sum(increase(shop_requests_total{version="${version}",code="500"}[${interval}]))'
          all: 'sum(increase(shop_requests_total{version="${version}"}[${interval}]))'
        control:
          bad: 'sum(increase(shop_requests_total{version!="${version}",code="500"}[${interval}]))'
          all: 'sum(increase(shop_requests_total{version!="${version}"}[${interval}]))'
        compare: { detect: 3x, limit: 60%, dispersion: none, missing: zero }

    stages:
      - canary: production
        route: edge/weights
        deploy: local
        steps: [5%, 50%, 100%]
        hold: 12s
        gate: { metrics: [errors], every: 4s, atLeast: 2 measurements, waitAtMost: 3m }
        deadline: 12m

    """

  static let errors = """
    'sum(rate(shop_requests_total{version="${version}",code="500"}[4s])) \
    / sum(rate(shop_requests_total{version="${version}"}[4s]))'
    """

  // MARK: Acting

  /// Starts `headgate run` for a version, on a pipeline that is written first.
  func run(_ version: String, _ pipeline: String, _ more: String...) async throws -> Child {
    let file = try rig.write(pipeline, to: "pipeline-\(version).yaml")
    return try await rig.headgate(
      "run-\(version)", ["run", file, "--set", "version=\(version)", "--config", config] + more)
  }

  func start(_ name: String, _ arguments: String...) async throws -> Child {
    try await rig.headgate(name, arguments + ["--config", config])
  }

  private var config: String { "\(rig.folder)/headgate.yaml" }

  /// One step of somebody at another terminal, which must succeed.
  func act(_ arguments: String...) async throws { try await headgate.act(arguments) }

  // MARK: Looking

  /// The share HAProxy gives to a server, as its runtime socket has it.
  func weight(of slot: String = "green") async throws -> Int {
    let answer = try await haproxy.ask("get weight shop/\(slot)")
    return Int(answer.prefix { $0.isNumber }) ?? -1
  }

  func wait(forWeight weight: Int, of slot: String = "green") async throws {
    try await Rig.wait(for: "weight \(weight) of \(slot)", by: rig.headgates) {
      try await self.weight(of: slot) == weight
    }
  }

  func wait(for text: String, in child: Child) async throws {
    try await Rig.wait(for: "\"\(text)\" in what it says", by: [child]) { child.output.contains(text) }
  }

  /// What `status --format json` says of the run's state.
  func status(of run: Int = 1) async throws -> String {
    let ending = try await headgate("status", "\(run)", "--format", "json")
    return try JSONDecoder().decode(Report.self, from: Data(ending.out.utf8)).runs.first?.run.status ?? "unknown"
  }

  private struct Report: Decodable {
    var runs: [Detail]
  }

  private struct Detail: Decodable {
    var run: Summary
    struct Summary: Decodable { var status: String }
  }

  /// What every story must end with: all that happened is on record, and the record is whole.
  func verifyRecord(of run: Int = 1, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let replay = try await headgate("show", "\(run)", "--replay")
    #expect(replay.code == 0, "\(replay.all)", sourceLocation: sourceLocation)
    let audit = try await headgate("audit", "verify")
    #expect(audit.code == 0, "\(audit.all)", sourceLocation: sourceLocation)
  }
}
