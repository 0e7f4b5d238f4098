import Foundation
import Hummingbird
import HummingbirdTesting
import PipelineModel
import Testing

@testable import ControlServer

/// Clients that keep all flags at hand are told when to ask again.
@Suite struct EventStreamTests {
  private static let changed = Served.definition.replacing(
    #""on": {"state": "ENABLED""#, with: #""on": {"state": "DISABLED""#)

  private static func open(_ port: Int, _ path: String, _ headers: String = "") async throws -> RawClient {
    let client = try RawClient(port: port)
    await client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n")
    return client
  }

  private static func event(_ served: Served) throws -> String {
    let tag = try #require(served.shelf.page(of: "production")).tag
    let bare = tag.filter { $0 != "\"" }
    return "id: \(tag)\nevent: message\ndata: {\"etag\":\"\(bare)\",\"type\":\"refetchEvaluation\"}\n\n"
  }

  @Test func `a change is told to those who listen, by its tag`() async throws {
    let served = try Served()
    try served.put(#"{"flags":{}}"#, environment: "staging")
    try await served.test(.live) { client in
      let port = try #require(client.port)
      let path = "/environments/production/ofrep/v1/events"
      let stream = try await Self.open(port, path)
      let head = try await stream.read { $0.contains("retry: 1000") }
      #expect(head.hasPrefix("HTTP/1.1 200 OK") && head.contains("text/event-stream"))
      // The same definition is no change, and neither is another environment's.
      try served.put(Served.definition)
      try served.put(#"{"flags":{},"metadata":{"a":1}}"#, environment: "staging")
      try served.put(Self.changed)
      let event = try Self.event(served)
      let told = try await stream.read { $0.contains("\n\n") }
      #expect(told.contains(event), "\(told)")
      #expect(told.components(separatedBy: "refetchEvaluation").count == 2)
      let again = try await client.post(
        "/environments/production/ofrep/v1/evaluate/flags?flagConfigEtag=\(event.dropFirst(5).prefix(32))", "{}")
      #expect(again.status == 200 && again.body.contains("DISABLED"))
    }
  }

  @Test func `whoever was away is told on coming back, unless nothing has changed`() async throws {
    let served = try Served()
    try await served.test(.live) { client in
      let port = try #require(client.port)
      let tag = try #require(served.shelf.page(of: "production")).tag
      let same = try await Self.open(port, "/ofrep/v1/events", "Last-Event-ID: \(tag)\r\n")
      _ = try await same.read { $0.contains("retry: 1000") }
      try served.put(Self.changed)
      let back = try await Self.open(port, "/ofrep/v1/events", "Last-Event-ID: \(tag)\r\n")
      let told = try await back.read { $0.contains("refetchEvaluation") }
      #expect(told.contains(try Self.event(served)))
      let event = try Self.event(served)
      let also = try await same.read { $0.contains("refetchEvaluation") }
      #expect(also.contains(event))
    }
  }

  @Test func `streams have a bound, and what is closed makes room`() async throws {
    let served = try Served(limits: .init(streams: 2))
    try await served.test(.live) { client in
      let port = try #require(client.port)
      var streams = [try await Self.open(port, "/ofrep/v1/events"), try await Self.open(port, "/ofrep/v1/events")]
      for stream in streams { _ = try await stream.read { $0.contains("retry: 1000") } }
      let third = try await client.get("/ofrep/v1/events")
      #expect(third.status == 503 && third.headers[.retryAfter] == "30")
      streams.removeLast()
      // The server finds out that a client has gone when it next has something to tell.
      var hasRoom = false
      for round in 0..<3000 where !hasRoom {
        try served.put(#"{"flags":{},"metadata":{"round":\#(round)}}"#)
        let next = try await Self.open(port, "/ofrep/v1/events")
        hasRoom = try await next.read { $0.contains("retry: 1000") || $0.contains("503") }.contains("200 OK")
        if !hasRoom { try await Task.sleep(for: .milliseconds(20)) }
      }
      #expect(hasRoom)
    }
  }

  @Test func `a server that ends closes its streams`() async throws {
    let served = try Served()
    let stream = try await served.test(.live) { client in
      let opened = try await Self.open(#require(client.port), "/ofrep/v1/events")
      _ = try await opened.read { $0.contains("retry: 1000") }
      return opened
    }
    _ = try await stream.read()
  }
}
