import Foundation
import LiveRig
import Testing

/// Ramps of a flag through the real `headgate`, judged by a real Prometheus on what a service counts by variant.
@Suite(.serialized, .live(.prometheus, .python3), .timeLimit(.minutes(10)))
struct RampStories {
  /// A service behind a flag, what measures it, and `headgate` with the flag in its store.
  private struct Place {
    let rig: Rig
    let service: FlaggedService
    let headgate: HeadgateProgram

    static func open(_ work: (Place) async throws -> Void) async throws {
      try await Rig.with { rig in
        let service = try await FlaggedService(
          "new-checkout", environment: "test", store: "\(rig.folder)/headgate.db", in: rig)
        let prometheus = try await PrometheusServer(targets: [service.port], in: rig)
        let text = """
          store: headgate.db
          actingFor: anybody
          providers:
            prometheus: { kind: prometheus, url: "\(prometheus.url)", timeout: 2s }

          """
        _ = try rig.write(text, to: "headgate.yaml")
        _ = try rig.write(Self.metrics, to: "errors.yaml")
        let place = Place(rig: rig, service: service, headgate: HeadgateProgram(in: rig.folder))
        try await place.act(
          "flag", "create", "new-checkout", "--environment", "test", "--end-state", "on", "--service", "checkout",
          "--yes")
        try await work(place)
      }
    }

    /// People who have the variant beside those who have the other.
    private static let metrics = """
      metrics:
        errors:
          provider: prometheus
          canary:
            bad: 'sum(increase(requests_total{variant="${variant}",code="500"}[${interval}]))'
            all: 'sum(increase(requests_total{variant="${variant}"}[${interval}]))'
          control:
            bad: 'sum(increase(requests_total{variant="${fromVariant}",code="500"}[${interval}]))'
            all: 'sum(increase(requests_total{variant="${fromVariant}"}[${interval}]))'
          compare: { detect: 10x, limit: 40%, dispersion: none, missing: zero }

      """

    func ramp(_ steps: String, hold: String) async throws -> Child {
      try await rig.headgate(
        "ramp",
        [
          "flag", "ramp", "new-checkout", "--environment", "test", "--steps", steps, "--hold", hold, "--every", "4s",
          "--gate", "\(rig.folder)/errors.yaml", "--yes", "--plain", "--config", "\(rig.folder)/headgate.yaml",
        ])
    }

    func act(_ arguments: String...) async throws { try await headgate.act(arguments) }

    func wait(for text: String, in child: Child) async throws {
      try await Rig.wait(for: "\"\(text)\" in what it says", by: [child]) { child.output.contains(text) }
    }

    func verifyRecord(sourceLocation: SourceLocation = #_sourceLocation) async throws {
      let replay = try await headgate("show", "1", "--replay")
      #expect(replay.code == 0, "\(replay.all)", sourceLocation: sourceLocation)
      let audit = try await headgate("audit", "verify")
      #expect(audit.code == 0, "\(audit.all)", sourceLocation: sourceLocation)
    }
  }

  @Test func `a healthy flag gets to everybody, step by step, on what Prometheus says`() async throws {
    try await Place.open { place in
      let run = try await place.ramp("10%,50%,100%", hold: "24s")
      #expect(try await run.ending() == 0, "\(run.output)")
      #expect(run.output.contains("at 10%, for 24s:"))
      for weight in ["10%", "50%", "100%"] { #expect(run.output.contains("flag new-checkout gives \(weight) to on")) }
      let passed = #/the gate passed: (since look \d+, )?\d+ errors in .* beside it: less than/#
      #expect(run.output.contains(passed), "\(run.output)")
      let before = await place.service.requests(of: "off")
      let on = await place.service.requests(of: "on")
      try await Rig.wait(for: "requests of people who all have it") {
        await place.service.requests(of: "on") > on + 500
      }
      #expect(await place.service.requests(of: "off") <= before + 200)
      try await place.verifyRecord()
    }
  }

  @Test func `errors of those who have it switch it off within one look, for good, and the numbers are on record`()
    async throws
  {
    try await Place.open { place in
      let run = try await place.ramp("25%,100%", hold: "60s")
      try await place.wait(for: "flag new-checkout gives 25% to on", in: run)
      try await Rig.wait(for: "people who have it", by: [run]) { await place.service.requests(of: "on") > 100 }
      try await place.service.set(errors: 0.9)
      #expect(try await run.ending() == 1, "\(run.output)")
      let told = try await place.headgate("show", "1", "--verbose").out
      // By the comparison, or by the limit where that was quicker.
      let numbers =
        #/fail: (since look \d+, )?\d+ errors in \d+ canary requests(:| against \d+ in [\d ]+ beside it:) .*look \d+/#
      #expect(told.contains(numbers), "\(told)")
      #expect(told.contains("flag new-checkout gives 0% to on"), "\(told)")
      #expect(Self.looksThatSawIt(told) <= 1, "\(told)")
      let again = try await place.headgate(
        "flag", "ramp", "new-checkout", "--environment", "test", "--ungated", "--yes")
      #expect(again.code == 1, "\(again.all)")
      #expect(again.all.contains("stays off until a person turns it on"), "\(again.all)")
      let history = try await place.headgate("flag", "history", "new-checkout", "--environment", "test")
      #expect(history.out.contains("of on and latched"), "\(history.all)")
      try await place.verifyRecord()
    }
  }

  /// Looks of the comparison by which more than a tenth of the requests had failed.
  private static func looksThatSawIt(_ told: String) -> Int {
    let looks = told.split(separator: "\n").filter { !$0.contains("the gate") && !$0.contains("rolling back") }
    return looks.count { line in
      guard let counts = line.firstMatch(of: #/(\d+) errors in ([\d ]+) canary requests/#), let bad = Double(counts.1),
        let all = Double(counts.2.filter { $0 != " " })
      else { return false }
      return bad > all / 10
    }
  }

  @Test func `a kill from another terminal ends the ramp at once`() async throws {
    try await Place.open { place in
      let run = try await place.ramp("25%,100%", hold: "5m")
      try await place.wait(for: "flag new-checkout gives 25% to on", in: run)
      try await place.act(
        "flag", "kill", "new-checkout", "--environment", "test", "--reason", "OPS-7", "--as", "bob")
      #expect(try await run.ending() == 1, "\(run.output)")
      #expect(run.output.contains("killed by bob (said by"), "\(run.output)")
      try await place.verifyRecord()
    }
  }
}
