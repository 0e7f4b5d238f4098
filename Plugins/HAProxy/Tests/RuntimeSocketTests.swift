import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import HAProxyPlugin

/// A runtime API that lies, dies, refuses or talks without end, played by a server of the test.
@Suite struct RuntimeSocketTests {
  private func router(_ server: RawServer, timeout: Interval = .seconds(30), stateFile: String? = nil) throws(Failure)
    -> any TrafficRouter
  {
    let route = ["backend": "shop", "blue": "blue", "green": "green"].mapValues { Settings.Value.text($0) }
    var backend = Backend(
      name: "edge", kind: "haproxy",
      settings: Settings([
        "address": .text("127.0.0.1:\(server.port)"), "timeout": .duration(timeout),
        "routes": .map(Settings(["shop": .map(Settings(route))])),
      ]))
    backend.settings.values["stateFile"] = stateFile.map { .text($0) }
    let context = BackendContext(
      secret: { name throws(Failure) in throw Failure(.misconfigured, name) }, stateDirectory: "/", baseDirectory: "/",
      now: { Timestamp(milliseconds: 0) })
    return try BackendFactory<any TrafficRouter>.haproxy.make(backend, context)
  }

  private let change = WeightChange(route: "shop", candidate: .green, weight: .percent(5), key: "k")

  private func failure(_ reply: RawServer.Reply, timeout: Interval = .seconds(30)) async throws -> Failure? {
    try await RawServer.with(reply, until: "\n") { server in
      let router = try router(server, timeout: timeout)
      return await #expect(throws: Failure.self) { try await router.setWeight(change) }
    }
  }

  @Test func `a set that was taken and not done is found out by reading back`() async throws {
    let failure = try await failure(
      .made { $0.hasPrefix("set") ? "\n\n" : "100 (initial 100)\n\n0 (initial 0)\n\n" })
    #expect(
      failure == Failure(.transient, "could not set the weight of edge/shop to 5%: haproxy took it, and gives 0%"))
  }

  @Test func `a set that does what was asked is read back`() async throws {
    let reply = RawServer.Reply.made { $0.hasPrefix("set") ? "\n\n" : "95 (initial 100)\n\n5 (initial 0)\n\n" }
    try await RawServer.with(reply, until: "\n") { server in try await router(server).setWeight(change) }
  }

  @Test func `an answer that was not needed is a refusal`() async throws {
    let failure = try await failure(.made { _ in "\nNo such server.\n\u{1b}[2J\n" })
    #expect(failure?.kind == .rejected)
    #expect(failure?.message.hasSuffix("haproxy answered \"No such server. / [2J\"") == true)
  }

  @Test func `a worker that dies before it answers is transient`() async throws {
    let failure = try await failure(.bytes([]))
    #expect(failure?.kind == .transient)
    #expect(failure?.message.hasSuffix("closed the connection without an answer") == true)
  }

  @Test func `a socket that may not be used for this is the operator's to mend`() async throws {
    let failure = try await failure(.bytes(Array("Permission denied\n\n".utf8)))
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.contains("level admin") == true)
  }

  /// One that does what it is told, and tells its servers' state so.
  private func telling(_ state: RawServer.Reply) -> RawServer.Reply {
    .chosen { line in
      if line.hasPrefix("set") { return .bytes(Array("\n\n".utf8)) }
      if line.hasPrefix("get") { return .bytes(Array("95 (initial 100)\n\n5 (initial 0)\n\n".utf8)) }
      return state
    }
  }

  @Test func `the state of an installation of many servers is kept whole, and none that is cut or without end`()
    async throws
  {
    let row = "3 shop 1 blue 127.0.0.1 2 0 95 100 7 6 3 4 6 0 0 0 - 8080 - 0 0 - - 0\n"
    let state = Array(("1\n# be_id be_name srv_id srv_name\n" + String(repeating: row, count: 30_000) + "\n").utf8)
    try await Rig.with { rig in
      let file = "\(rig.folder)/state"
      try await RawServer.with(telling(.bytes(state)), until: "\n") { server in
        try await router(server, stateFile: file).setWeight(change)
      }
      let kept = try #require(try WholeFile(file).text())
      #expect(kept.utf8.count > RuntimeSocket.largestAnswer)
      #expect(kept.hasPrefix("1\n") && kept.split(separator: "\n").count == 30_002)
      for (reply, kind, words) in [
        (RawServer.Reply.bytes(Array(state.prefix(1_000_000))), Failure.Kind.transient, "broke off"),
        (.endless(state, piece: state, pause: .zero), .rejected, "answered with more than 33554432 bytes"),
      ] {
        let failure = try await RawServer.with(telling(reply), until: "\n") { server in
          await #expect(throws: Failure.self) { try await router(server, stateFile: file).setWeight(change) }
        }
        #expect(failure?.kind == kind)
        #expect(failure?.message.hasSuffix(words) == true, "\(failure?.message ?? "")")
      }
      #expect(try WholeFile(file).text() == kept)
    }
  }

  @Test func `an answer without end, fast or slow, comes to an end here`() async throws {
    let endless = try await failure(.endless([], piece: [UInt8](repeating: 0x61, count: 65_536), pause: .zero))
    #expect(endless?.kind == .rejected)
    let drip = try await failure(
      .endless([], piece: [0x61], pause: .milliseconds(20)), timeout: .milliseconds(300))
    #expect(drip?.kind == .transient)
    #expect(drip?.message.hasSuffix("did not answer within 300ms") == true)
  }
}
