import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Synchronization
import Testing

@testable import HAProxyPlugin

/// Against a real HAProxy: what it counted is the answer, and before it was read twice there is none.
@Suite(.serialized) struct HAProxyStatisticsTests {
  /// A clock that a test moves.
  private final class Clock: Sendable {
    private let seconds = Mutex<Int64>(1_700_000_000)
    func pass(_ more: Int64) { seconds.withLock { $0 += more } }
    var now: Timestamp { Timestamp(milliseconds: seconds.withLock { $0 } * 1000) }
  }

  private func provider(_ settings: [String: Settings.Value], _ now: @escaping @Sendable () -> Timestamp)
    throws(Failure) -> any MetricProvider
  {
    let context = BackendContext(secret: { _ in "" }, stateDirectory: "/", baseDirectory: "/", now: now)
    return try BackendFactory<any MetricProvider>.haproxy.make(
      Backend(name: "edge", kind: "haproxy", settings: Settings(settings)), context)
  }

  private func query(_ text: String, over: Interval = .seconds(2), timeout: Interval = .seconds(30)) -> MetricQuery {
    MetricQuery(metric: "errors", text: text, at: Timestamp(milliseconds: 0), timeout: timeout, interval: over)
  }

  /// Asks each time about the time since it was last asked, however long that took.
  private struct Follower {
    var provider: any MetricProvider
    var now: @Sendable () -> Timestamp
    var last: [String: Timestamp] = [:]

    mutating func ask(_ text: String) async throws -> Answer {
      let time = now()
      let over = max(.milliseconds(1), time - (last[text] ?? time))
      last[text] = time
      return try await provider.sample(
        MetricQuery(metric: "errors", text: text, at: time, timeout: .seconds(30), interval: over))
    }
  }

  @Test(.live(.haproxy, .python3)) func `it keeps the promises of a provider`() async throws {
    try await Rig.with { rig in
      let blue = try await DemoService("v1", in: rig)
      let green = try await DemoService("v2", in: rig)
      let haproxy = try await HAProxyServer(blue: blue.port, green: green.port, in: rig)
      let clock = Clock()
      let silent = try SilentListener()
      let cases: [ProviderHarness.Case] = [
        .init(query("weight of shop/green"), .answer(.number(0))),
        .init(query("qcur of shop/green"), .answer(.number(0))),
        .init(query("hrsp_5xx of shop/blue"), .answer(.number(0))),
        .init(query("errorRatio of shop/green"), .answer(.list([]))),
        .init(query("agent_rise of shop/green"), .answer(.list([]))),
        .init(query("weight of shop/red"), .failure(.rejected)),
        .init(query("weight of nope/red"), .failure(.rejected)),
        .init(query("nothing of shop/blue"), .failure(.rejected)),
        .init(query("svname of shop/blue"), .failure(.rejected)),
        .init(query("weight of shop/blue; shutdown"), .failure(.rejected)), .init(query("weight"), .failure(.rejected)),
        .init(query("weight of sh;op/blue"), .failure(.rejected)),
      ]
      await verifyProvider(
        ProviderHarness(
          provider: try provider(["socket": .text(haproxy.socketPath)]) { clock.now }, cases: cases,
          deaf: (
            try provider(["address": .text("127.0.0.1:\(silent.port)")]) { clock.now },
            query("weight of shop/blue", timeout: .milliseconds(300))
          ),
          absent: try provider(["address": .text("127.0.0.1:\(try Rig.freePort())")]) { clock.now }))
    }
  }

  @Test(.live(.haproxy, .python3)) func `what it counted between two readings is the answer`() async throws {
    try await Rig.with { rig in
      let blue = try await DemoService("v1", in: rig)
      let green = try await DemoService("v2", in: rig)
      let haproxy = try await HAProxyServer(blue: blue.port, green: green.port, in: rig)
      _ = try await haproxy.ask("set weight shop/green 100")
      try await green.set(errors: 1)
      // Real time passes between the two readings, so that HAProxy's own uptime agrees with the clock.
      let began = ContinuousClock.now
      let now = { @Sendable in
        let passed = (ContinuousClock.now - began).components
        return Timestamp(milliseconds: passed.seconds * 1000 + passed.attoseconds / 1_000_000_000_000_000)
      }
      var follower = Follower(provider: try provider(["socket": .text(haproxy.socketPath)], now), now: now)
      #expect(try await follower.ask("errorRatio of shop/green") == .list([]))
      for (errors, ratio) in [(1.0, 1.0), (0, 0)] {
        try await green.set(errors: errors)
        try await Rig.wait(for: "a ratio of \(ratio)") {
          _ = try await Load.send(20, to: haproxy.weightsPort, in: rig)
          return try await follower.ask("errorRatio of shop/green") == .number(ratio)
        }
      }
      try await Rig.wait(for: "a latency while there are requests") {
        _ = try await Load.send(20, to: haproxy.weightsPort, in: rig)
        guard case .number(let latency) = try await follower.ask("latency of shop/green") else { return false }
        return latency >= 0
      }
      // Blue has had no request: its 0 is no latency.
      #expect(try await follower.ask("latency of shop/blue") == .list([]))
      try await Rig.wait(for: "a second reading of blue") {
        try await follower.ask("requests of shop/blue") == .number(0)
      }
      #expect(try await follower.ask("latency of shop/blue") == .list([]))
    }
  }

  /// What HAProxy prints, as far as it is read.
  private static func printed(uptime: Int64, ok: Int, errors: Int) -> String {
    """
    Name: HAProxy
    Uptime_sec: \(uptime)

    # pxname,svname,rtime,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,
    shop,green,250,0,\(ok),0,0,\(errors),0,


    """
  }

  @Test func `two readings make an increase, and a reload begins anew`() async throws {
    let steps = Mutex<[(Int64, Int, Int)]>([(10, 100, 10), (70, 190, 20), (130, 190, 20), (3, 5, 1), (63, 35, 1)])
    let reply = RawServer.Reply.made { _ in
      let (uptime, ok, errors) = steps.withLock { $0.removeFirst() }
      return Self.printed(uptime: uptime, ok: ok, errors: errors)
    }
    try await RawServer.with(reply, until: "\n") { server in
      let clock = Clock()
      let provider = try provider(["address": .text("127.0.0.1:\(server.port)")]) { clock.now }
      var minute = query("errorRatio of shop/green")
      minute.interval = .minutes(1)
      for expected in [Answer.list([]), .number(0.1), .number(.nan), .list([]), .number(0)] {
        let answer = try await provider.sample(minute)
        #expect(answer.isSame(as: expected), "\(answer)")
        clock.pass(60)
      }
    }
  }

  @Test func `a text with commas and quotes moves no number to another column`() throws {
    let head = "Uptime_sec: 5\n# pxname,svname,last_chk,rtime,ttime,\n"
    let statistics = try HAProxyStatistics(head + "shop,green,\"Layer7: \"\"no, not now\"\", sorry\",250,260,\n")
    #expect(try statistics.row("green").number("rtime") == 250)
    #expect(try statistics.row("green").number("ttime") == 260)
    let failure = #expect(throws: Failure.self) { try HAProxyStatistics(head + "shop,green,\"open,250,260,\n") }
    #expect(failure?.kind == .transient)
  }
}
