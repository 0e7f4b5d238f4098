import Foundation
import Glibc
import LiveRig
import Testing

/// People are told what happens, once as far as they can tell, also when the controller is killed in the middle of it.
@Suite struct NotifyTests {
  /// A shop whose release waits for an approval, with a notifier that is a command.
  private func shop(
    _ run: String, events: String = "all", check: String = "true", _ work: (Scratch) async throws -> Void
  ) async throws {
    try await Scratch.with { scratch in
      try install(run, events: events, in: scratch)
      _ = try scratch.rig.write(
        """
        pipeline: shop
        service: shop
        environment: production
        runbook: https://runbooks.example/shop
        stages:
          - check: tests
            run: "\(check)"
          - approve: release manager
            expires: 1h
        """, to: "shop.yaml")
      try await work(scratch)
    }
  }

  private func install(_ run: String, events: String = "all", in scratch: Scratch) throws {
    _ = try scratch.rig.write(
      """
      store: headgate.db
      notifiers:
        pager: { kind: command, run: '\(run)', timeout: 5s, title: "${title}" }
      notify: { pager: \(events) }
      """, to: "headgate.yaml")
  }

  private static let tell = #"echo "$HEADGATE_EVENT $HEADGATE_KEY" >>told.txt"#

  private func told(_ scratch: Scratch) -> [String] {
    let text = (try? String(contentsOfFile: "\(scratch.folder)/told.txt", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  private func events(_ scratch: Scratch) -> [String] {
    told(scratch).compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  private func start(_ scratch: Scratch, _ name: String = "run") async throws -> Child {
    try await scratch.rig.headgate(
      name,
      [
        "run", "\(scratch.folder)/shop.yaml", "--set", "version=v1", "--config", "\(scratch.folder)/headgate.yaml",
      ])
  }

  private struct Item: Decodable {
    var notice: Int
    var state: String
    var tries: Int
    var event: String
    var failure: String?
  }

  private func items(_ scratch: Scratch, _ verb: String = "list") async throws -> [Item] {
    try await scratch.headgate("notify", verb, "--format", "json").json([Item].self)
  }

  @Test func `a run that ends tells of its end before its terminal goes`() async throws {
    try await shop(Self.tell, check: "exit 3") { scratch in
      let run = try await scratch.headgate("run", "shop.yaml", "--set", "version=v1")
      #expect(run.code == 1, "\(run.all)")
      #expect(events(scratch) == ["started", "step", "failed"], "\(run.all)")
      #expect(try await items(scratch).map(\.state) == ["sent", "sent", "sent"])
      let list = try await scratch.headgate("notify", "list")
      #expect(list.out.contains("to pager  failed  shop v1 in production: failed"), "\(list.all)")
    }
  }

  @Test func `who is not told is not told, and a rehearsal wakes nobody`() async throws {
    try await shop(Self.tell, events: "[failed]", check: "exit 3") { scratch in
      _ = try await scratch.headgate("run", "shop.yaml", "--set", "version=v1")
      #expect(events(scratch) == ["failed"])
    }
  }

  @Test func `killed while it tells, it tells once more under the same key, and nothing is lost`() async throws {
    // Takes its time as long as nobody opens the door.
    let slow = #"echo "begun $HEADGATE_KEY" >>told.txt; until [ -e door ]; do sleep 0.05; done; \#(Self.tell)"#
    try await shop(slow) { scratch in
      let run = try await start(scratch)
      try await Rig.wait(for: "the first notice to be under way") { events(scratch).contains("begun") }
      try await Rig.wait(for: "the approval") { run.output.contains("headgate approve 1") }
      run.signal(SIGKILL)
      try await Rig.wait(for: "its end") { !run.isRunning }
      let begun = told(scratch).filter { $0.hasPrefix("begun") }
      _ = try scratch.rig.write("", to: "door")
      try await Rig.wait(for: "what the killed one had begun") {
        try await items(scratch).contains { $0.state == "waiting" }
      }

      let next = try await scratch.rig.headgate(
        "next", ["attach", "1", "--config", "\(scratch.folder)/headgate.yaml"])
      try await Rig.wait(for: "what was waiting") { events(scratch).contains("approvalWanted") }
      #expect(try await scratch.headgate("reject", "1", "--reason", "no").code == 0)
      #expect(try await next.ending() == 1)
      let keys = Set(told(scratch).filter { !$0.hasPrefix("begun") })
      let told = Set(keys.compactMap { $0.split(separator: " ").first })
      #expect(told == ["started", "step", "approvalWanted", "failed"])
      // The one that was cut off has come under the key it began with.
      #expect(keys.contains { key in begun.contains { $0.dropFirst("begun ".count) == key.split(separator: " ")[1] } })
      #expect(try await items(scratch).allSatisfy { $0.state == "sent" })
    }
  }

  @Test func `what is given up is listed, and told after all when somebody says so`() async throws {
    try await shop("echo no such pager; exit 1", events: "[failed]", check: "exit 3") { scratch in
      _ = try await scratch.headgate("run", "shop.yaml", "--set", "version=v1")
      let dead = try await scratch.headgate("notify", "dead")
      #expect(dead.code == 1 && dead.out.contains("no such pager"), "\(dead.all)")
      let item = try #require(try await items(scratch, "dead").first)
      #expect(item.tries == 1 && item.event == "failed")

      try install(Self.tell, events: "[failed]", in: scratch)
      #expect(try await scratch.headgate("notify", "retry", "99").code == 1)
      #expect(try await scratch.headgate("notify", "retry").code == 64)
      let retry = try await scratch.headgate("notify", "retry", "\(item.notice)")
      #expect(retry.code == 0 && retry.out.contains("as soon as somebody does"), "\(retry.all)")
      _ = try await scratch.headgate("run", "shop.yaml", "--set", "version=v2")
      #expect(events(scratch) == ["failed", "failed"])
      #expect(try await scratch.headgate("notify", "dead").code == 0)
    }
  }

  @Test func `a notifier can be tried out`() async throws {
    try await shop(Self.tell) { scratch in
      let test = try await scratch.headgate("notify", "test", "pager")
      #expect(test.code == 0 && events(scratch) == ["test"], "\(test.all)")
      let unknown = try await scratch.headgate("notify", "test", "pagre")
      #expect(unknown.code == 2 && unknown.errors.contains("pager"), "\(unknown.all)")
    }
    try await shop("exit 1") { scratch in
      let test = try await scratch.headgate("notify", "test", "pager")
      #expect(test.code == 2 && test.errors.contains("rejected"), "\(test.all)")
    }
  }
}
