import Foundation
import LiveRig
import NIOCore
import PipelineModel
import Testing

@testable import BackendHTTP

/// What is sent is what was asked for; whatever comes back, an answer or a failure of the right kind comes of it.
@Suite struct SendingTests {
  @Test(arguments: HTTPCall.Method.allCases)
  func `method, query, headers and body reach the server`(method: HTTPCall.Method) async throws {
    let heard = Heard()
    let reply = RawServer.Reply.made { request in
      heard.add(request)
      return RawServer.http(200, method == .head ? "" : "done")
    }
    try await RawServer.with(reply, until: method == .get || method == .head ? "\r\n\r\n" : "{\"a\":1}") { server in
      let store = try backend("\(server.url)/base/", ["headers": .map(Settings(["X-Tenant": .text("blue")]))])
      var call = HTTPCall(method, "/path", query: [.init("q", "a b&c=ä")], headers: [.init("If-Match", "\"7\"")])
      if method != .get && method != .head { call = call.sending(json: "{\"a\":1}") }
      #expect(try await store.text(call) == (method == .head ? "" : "done"))
      let request = try #require(heard.all.first)
      #expect(request.hasPrefix("\(method.rawValue) /base/path?q=a%20b%26c%3D%C3%A4 HTTP/1.1\r\n"))
      for line in ["X-Tenant: blue", "If-Match: \"7\""] { #expect(request.contains("\r\n\(line)\r\n"), "\(request)") }
    }
  }

  @Test(arguments: [(HTTPCall.Method.get, 2), (.head, 2), (.post, 1), (.put, 1)])
  func `a connection that was closed before an answer is tried once more, where that is harmless`(
    method: HTTPCall.Method, tries: Int
  ) async throws {
    let heard = Heard()
    let reply = RawServer.Reply.chosen { request in
      heard.add(request)
      return heard.all.count == 1 ? .bytes([]) : .bytes(Array(RawServer.http(200, "").utf8))
    }
    try await RawServer.with(reply) { server in
      let store = try backend(server.url)
      if tries == 2 {
        #expect(try await store.text(HTTPCall(method)) == "")
      } else {
        let failure = await #expect(throws: Failure.self) { try await store.text(HTTPCall(method)) }
        #expect(failure?.kind == .transient)
      }
    }
    #expect(heard.all.count == tries)
  }

  @Test func `so is one that was found closed before anything was sent`() {
    #expect(wasClosedBeforeAnAnswer(ChannelError.ioOnClosedChannel))
    #expect(!wasClosedBeforeAnAnswer(ChannelError.connectTimeout(.seconds(1))))
    #expect(transportFailure(ChannelError.ioOnClosedChannel).message == "the connection was closed")
  }

  @Test func `a server that always closes is asked twice and no more`() async throws {
    let heard = Heard()
    let reply = RawServer.Reply.chosen { request in
      heard.add(request)
      return .reset
    }
    try await RawServer.with(reply) { server in
      let store = try backend(server.url)
      let failure = await #expect(throws: Failure.self) { try await store.text() }
      #expect(failure?.kind == .transient)
    }
    #expect(heard.all.count == 2)
  }

  @Test func `secrets are read anew for every request, and sent`() async throws {
    let heard = Heard()
    let reply = RawServer.Reply.made { request in
      heard.add(request)
      return RawServer.http(200, "")
    }
    try await RawServer.with(reply) { server in
      let tokens = Heard()
      var store = try backend(server.url)
      store.credentials = .bearer("token") { name throws(Failure) in
        tokens.add(name)
        return "t\(tokens.all.count)\n"
      }
      _ = try await store.text()
      _ = try await store.text()
    }
    #expect(heard.all.count == 2)
    for (request, token) in zip(heard.all, ["t1", "t2"]) {
      #expect(request.contains("Authorization: Bearer \(token)\r\n"), "\(request)")
    }
  }

  @Test func `no message shows a secret, not even when the server says it`() async throws {
    let reply = RawServer.Reply.made { RawServer.http(400, String($0.suffix(600))) }
    try await RawServer.with(reply) { server in
      let basic = Settings.Value.map(Settings(["user": .text("me"), "password": .secret("p")]))
      for more: [String: Settings.Value] in [
        ["bearer": .secret("p")], ["basic": basic], ["secretHeaders": .map(Settings(["X-Key": .secret("p")]))],
      ] {
        let store = try backend(server.url, more, secrets: ["p": "hunter2\n"])
        let failure = await #expect(throws: Failure.self) { try await store.text() }
        let message = try #require(failure?.message)
        #expect(message.contains("•••") && !message.contains("hunter2") && !message.contains("bWU6aHVudGVyMg"))
      }
    }
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var reply: RawServer.Reply
    var kind: Failure.Kind
    var text: String

    init(_ name: String, _ reply: RawServer.Reply, _ kind: Failure.Kind, _ text: String) {
      (testDescription, self.reply, self.kind, self.text) = (name, reply, kind, text)
    }
  }

  private static let head = Array("HTTP/1.1 200 OK\r\n\r\n".utf8)
  private static let faults = [
    Fault(
      "an early end", .bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".utf8)), .transient, "broke off"),
    Fault("not HTTP", .bytes(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)), .misconfigured, "does not speak HTTP"),
    Fault("nothing", .bytes([]), .transient, "closed"),
    Fault(
      "no end", .endless(head, piece: [UInt8](repeating: 32, count: 65_536), pause: .zero), .rejected,
      "more than 1048576 bytes"),
    Fault(
      "a drip", .endless(head, piece: [32], pause: .milliseconds(20)), .transient, "no answer within 400ms"),
    Fault(
      "a redirect", .bytes(Array(RawServer.http(302, "", "Location: /elsewhere").utf8)), .misconfigured,
      "a redirect to /elsewhere"),
  ]

  @Test(arguments: faults) func `a fault of the connection has its kind`(fault: Fault) async throws {
    try await RawServer.with(fault.reply) { server in
      let limit: Interval = fault.text.contains("400ms") ? .milliseconds(400) : .minutes(5)
      let failure = await #expect(throws: Failure.self) { try await backend(server.url).text(within: limit) }
      let found = try #require(failure)
      #expect(found.kind == fault.kind, "\(found.message)")
      #expect(found.message.hasPrefix("store could not answer: ") && found.message.contains(fault.text), "\(found)")
    }
  }

  @Test func `nobody there, and a server that never answers, are transient`() async throws {
    let silent = try SilentListener()
    for (port, limit, text) in [
      (try Rig.freePort(), Interval.minutes(5), "refused"), (silent.port, .seconds(1), "no answer within 1s"),
    ] {
      let failure = await #expect(throws: Failure.self) {
        try await backend("http://127.0.0.1:\(port)").text(within: limit)
      }
      #expect(failure?.kind == .transient)
      #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "")")
    }
  }

  @Test func `cancelling ends a request`() async throws {
    let silent = try SilentListener()
    let store = try backend("http://127.0.0.1:\(silent.port)")
    let asking = Task { try await store.text(within: .seconds(10)) }
    asking.cancel()
    await #expect(throws: Failure(.transient, "store could not answer: the question was cancelled")) {
      try await asking.value
    }
  }
}
