import Foundation
import Testing

/// A rollout that tries a version out before its first share, by the real `headgate` through a real router: a step of a
/// plugin, requests with a header, copies of requests, half of the traffic; then it is taken back, or promoted.
///
/// What is asked is what a client sees of the router's front, and what the new version was sent.
package struct PreviewStory: Sendable {
  private let rig: Rig
  private let front: String
  private let blue: DemoService
  private let green: DemoService
  private let headgate: HeadgateProgram

  /// - Parameters:
  ///   - router: the entry under `routers:`, as YAML, of the router `edge`.
  ///   - route: a route of it whose front is at `port`, which has blue's v1 now.
  package init(
    router: String, route: String, port: Int, blue: DemoService, green: DemoService, in rig: Rig
  ) throws {
    self.rig = rig
    self.blue = blue
    self.green = green
    front = "http://127.0.0.1:\(port)/"
    headgate = HeadgateProgram(in: rig.folder)
    let plugin = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Plugins/smoketest")
    _ = try rig.write(
      """
      plugins: { smoketest: { path: \(plugin.standardizedFileURL.path) } }
      routers:
        edge: \(router)
      runners:
        qa: { kind: smoketest, url: "\(green.url)" }

      """, to: "headgate.yaml")
    _ = try rig.write(
      """
      pipeline: shop
      service: shop
      environment: test
      parameters: { version: { required: true } }
      stages:
        - step: smoke tests
          runner: qa/requests
          with: { paths: [/, /healthz], rounds: 2, within: 60s }
        - canary: production
          route: edge/\(route)
          steps:
            - { header: { x-canary: always } }
            - { mirror: 100% }
            - 50%
            - 100%
          hold: 1h

      """, to: "shop.yaml")
  }

  /// Tries each step out, then takes everything back, from half of the traffic.
  package func takeBack() async throws {
    let run = try await begin()
    try await tryHeader()
    try await promote()
    try await tryMirror()
    try await promote()
    try await tryHalf()
    try await act("abort", "1", "--reason", "that is enough")
    #expect(try await run.ending() == 1)
    #expect(try await answers(header: true) == ["v1"])
    #expect(try await answers() == ["v1"])
    try await expectNothingCopied()
    try await verifyRecord(
      says: "gives requests with x-canary: always to v2", "copies 100% of the requests to v2", "routes by no header")
  }

  /// Takes it back while requests are copied: before any share, so that no user ever had the version.
  package func takeBackCopies() async throws {
    let run = try await begin()
    try await tryHeader()
    try await promote()
    try await tryMirror()
    try await act("abort", "1", "--reason", "that is enough")
    #expect(try await run.ending() == 1)
    #expect(try await answers(header: true) == ["v1"])
    try await expectNothingCopied()
  }

  /// The controller is killed beside the mirror, and the next one goes on to the end.
  package func promoteAfterCrash() async throws {
    let run = try await begin()
    try await promote()
    try await tryMirror()
    run.signal(SIGKILL)
    _ = try await run.ending()
    let next = try await rig.headgate("attach", ["attach", "1", "--config", "\(rig.folder)/headgate.yaml"])
    try await Rig.wait(for: "the next controller") { try await headgate("promote", "1", "--reason", "on").code == 0 }
    try await tryHalf()
    try await promote()
    try await Rig.wait(for: "all traffic to be v2's") { try await answers() == ["v2"] }
    try await promote()
    #expect(try await next.ending() == 0)
    #expect(try await answers() == ["v2"])
    try await verifyRecord(says: "routes by no header", "copies nothing to v2 any more")
  }

  // MARK: Steps

  private func begin() async throws -> Child {
    let run = try await rig.headgate(
      "run", ["run", "\(rig.folder)/shop.yaml", "--set", "version=v2", "--config", "\(rig.folder)/headgate.yaml"])
    try await Rig.wait(for: "the header route", by: [run]) { try await answers(header: true) == ["v2"] }
    return run
  }

  private func tryHeader() async throws {
    #expect(try await answers(header: true) == ["v2"])
    #expect(try await answers() == ["v1"])
  }

  private func tryMirror() async throws {
    try await Rig.wait(for: "copies to come", by: rig.headgates) {
      let before = try await green.requests()
      _ = try await answers()
      // Copies come a moment after their originals.
      try await Task.sleep(for: .milliseconds(200))
      return try await green.requests() >= before + Self.count / 2
    }
    #expect(try await answers() == ["v1"])
    #expect(try await answers(header: true) == ["v2"])
  }

  private func tryHalf() async throws {
    try await Rig.wait(for: "half of the traffic", by: rig.headgates) { try await answers() == ["v1", "v2"] }
    #expect(try await answers(header: true) == ["v2"])
  }

  /// What is sent to v2 is what its clients get, once stragglers have come.
  private func expectNothingCopied() async throws {
    try await Rig.wait(for: "copies to end") {
      let before = try await green.requests()
      #expect(try await answers() == ["v1"])
      try await Task.sleep(for: .milliseconds(200))
      return try await green.requests() == before
    }
  }

  private func promote() async throws { try await act("promote", "1", "--reason", "seen it") }

  /// An act waits for a change that is under way.
  private func act(_ words: String...) async throws {
    var last = ""
    do {
      try await Rig.wait(for: words.joined(separator: " "), by: rig.headgates) {
        let ending = try await headgate.run(words)
        last = ending.all
        return ending.code == 0
      }
    } catch {
      throw RigError("\(error): \(last)")
    }
  }

  private static let count = 20

  /// The versions that answer a number of requests.
  private func answers(header: Bool = false) async throws -> Set<String> {
    var versions: Set<String> = []
    for _ in 0..<Self.count {
      let answer = await Rig.get(front, headers: [("connection", "close")] + (header ? [("x-canary", "always")] : []))
      versions.insert(answer?.body.trimmingCharacters(in: .whitespacesAndNewlines) ?? "nobody")
    }
    return versions
  }

  private func verifyRecord(says words: String...) async throws {
    let show = try await headgate("show", "1")
    for word in words { #expect(show.out.contains(word), "\(show.out)") }
    #expect(show.out.contains("stage \"smoke tests\" passed"))
    let replay = try await headgate("show", "1", "--replay")
    #expect(replay.code == 0, "\(replay.all)")
    let audit = try await headgate("audit", "verify")
    #expect(audit.code == 0, "\(audit.all)")
  }
}
