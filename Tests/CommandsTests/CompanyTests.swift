import Foundation
import Glibc
import LiveRig
import Testing

/// Several terminals on one store: one drives, the others hand over, watch and act.
@Suite struct CompanyTests {
  /// A slow rehearsal of the shop that has reached its first step, as run 1.
  private func driven(_ work: (Scratch, _ driver: Child) async throws -> Void) async throws {
    try await Scratch.with { scratch in
      let driver = try await scratch.rig.headgate("driver", scratch.rehearsal(speed: 4))
      try await Rig.wait(for: "the first step") { driver.output.contains("staying at this weight") }
      try await work(scratch, driver)
    }
  }

  /// The arguments of a rehearsal of a changed shop.
  private func other(_ scratch: Scratch, _ change: (String) -> String) throws -> [String] {
    let text = try String(contentsOfFile: Scratch.shop, encoding: .utf8)
    let file = try scratch.rig.write(change(text), to: "other.yaml")
    return scratch.rehearsal(version: "v9", speed: 4).map { $0 == Scratch.shop ? file : $0 }
  }

  private struct Report: Decodable {
    var runs: [Detail]
    var backends: [String]
    var driver: Driver?

    struct Driver: Decodable {
      var process: Int
    }
  }

  private struct Detail: Decodable {
    var run: Summary
    var held: String?
    struct Summary: Decodable {
      var run: Int
      var service: String
      var status: String
    }
  }

  @Test func `status shows every run in flight, and who drives`() async throws {
    try await driven { scratch, driver in
      let arguments = try other(scratch) { text in
        text.replacing("service: shop", with: "service: cart").replacing("edge/shop", with: "edge/cart")
          .replacing("stages:", with: "stages:\n  - approve: release manager\n    expires: 1h")
      }
      let second = try await scratch.rig.headgate("second", arguments)
      try await Rig.wait(for: "the approval") { second.output.contains("headgate approve 2") }
      #expect(second.output.contains("another controller drives this store"))
      let status = try await scratch.headgate("status", "--store", "rehearsal.db", "--format", "json")
      let report = try status.json(Report.self)
      #expect(report.backends == [])
      #expect(report.driver?.process == Int(driver.pid))
      let details = report.runs
      #expect(details.map(\.run.service) == ["shop", "cart"])
      #expect(details.last?.held == "0 of 1 approvals, by anybody: headgate approve 2")
      let text = try await scratch.headgate("status", "--store", "rehearsal.db")
      #expect(text.out.contains("driven by process \(driver.pid)"), "\(text.all)")
      // Between two steps there is no gate.
      try await Rig.wait(for: "the gate") {
        try await scratch.headgate("status", "--store", "rehearsal.db").out.contains("pass: value < 1%")
      }
      let unclear = try await scratch.headgate("watch", "--store", "rehearsal.db")
      #expect(unclear.code == 64)
      #expect(
        unclear.errors.contains("1 (1.4.1 to shop in production), 2 (v9 to cart in production)"), "\(unclear.all)")
      #expect(try await scratch.headgate("reject", "2", "--reason", "no", "--store", "rehearsal.db").code == 0)
      #expect(try await second.ending() == 1)
      #expect(second.output.contains("run 2 of shop: failed"))
    }
  }

  @Test func `a run that the driver has no backends for is refused before it begins`() async throws {
    try await driven { scratch, _ in
      let arguments = try other(scratch) { text in
        text.replacing("service: shop", with: "service: cart").replacing("edge/shop", with: "west/cart")
      }
      let refused = try await scratch.headgate.run(arguments)
      #expect(refused.code == 1, "\(refused.all)")
      #expect(refused.errors.contains(#"has no router "west" (it knows: edge)"#), "\(refused.all)")
    }
  }

  @Test func `whoever watches is told when nobody drives any more, and when somebody does again`() async throws {
    try await driven { scratch, driver in
      let watch = try await scratch.rig.headgate("watch", ["watch", "1", "--store", "\(scratch.folder)/rehearsal.db"])
      try await Rig.wait(for: "the time line") { watch.output.contains("staying at this weight") }
      driver.signal(SIGKILL)
      try await Rig.wait(for: "the warning") { watch.output.contains("nobody drives this store") }
      let attached = try await scratch.headgate(
        "attach", "1", "--store", "rehearsal.db", "--scenario", Scratch.scenario("good"), "--speed", "60")
      #expect(attached.code == 0, "\(attached.all)")
      #expect(try await watch.ending() == 0)
      #expect(watch.output.contains("run 1 of shop: promoted"), "\(watch.output)")
    }
  }

  @Test func `whoever watches may leave, and the run goes on`() async throws {
    try await driven { scratch, driver in
      let watch = try await scratch.rig.headgate("watch", ["watch", "--store", "\(scratch.folder)/rehearsal.db"])
      try await Rig.wait(for: "the time line") { watch.output.contains("staying at this weight") }
      watch.signal(SIGTERM)
      #expect(try await watch.ending() == 2)
      #expect(watch.output.contains("run 1 goes on without this terminal"))
      #expect(driver.isRunning)
    }
  }

  @Test func `a second run to a busy target follows the pipeline's policy`() async throws {
    try await driven { scratch, _ in
      let refused = try await scratch.headgate.run(try other(scratch) { "whenBusy: refuse\n" + $0 })
      #expect(refused.code == 1, "\(refused.all)")
      #expect(refused.errors.contains("run 1 of shop in production is in flight"), "\(refused.all)")
      let queued = try await scratch.rig.headgate("queued", try other(scratch) { "whenBusy: queue\n" + $0 })
      try await Rig.wait(for: "the queue") { queued.output.contains("it waits for its turn") }
      let status = try await scratch.headgate("status", "2", "--store", "rehearsal.db")
      #expect(status.out.contains("waits until the target is free"), "\(status.all)")
      #expect(try await scratch.headgate("abort", "2", "--store", "rehearsal.db").code == 0)
      #expect(try await queued.ending() == 1)
    }
  }
}
