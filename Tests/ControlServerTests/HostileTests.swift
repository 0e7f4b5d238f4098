import Foundation
import Hummingbird
import HummingbirdTesting
import PipelineModel
import Testing

@testable import ControlServer

/// Clients that mean no good get little, and the others notice nothing.
@Suite(.serialized) struct HostileTests {
  private static let head = "POST /ofrep/v1/evaluate/flags/on HTTP/1.1\r\nHost: localhost\r\n"
  private static let good = "\(head)Content-Length: 2\r\n\r\n{}"

  private static func attack(
    limits: Serving.Limits = .init(), _ work: @Sendable (Int) async throws -> Void
  ) async throws {
    let served = try Served(limits: limits)
    try await served.test(.live) { client in
      let port = try #require(client.port)
      try await work(port)
      let after = try RawClient(port: port)
      await after.send(Self.good)
      #expect(try await after.answer().hasPrefix("HTTP/1.1 200 OK"))
    }
  }

  @Test(arguments: [
    "\r\n\r\n", "GET", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "POST / HTTP/1.1\r\nHost\r\n\r\n",
    "\(head)Content-Length: -1\r\n\r\n", "\(head)Content-Length: 99999999999999999999\r\n\r\n",
    "\(head)Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "\(head)Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "\(head)Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET /%zz%ff/..%2f..%2fetc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET http://elsewhere.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
  ]) func `what is no request gets no flag`(bytes: String) async throws {
    try await Self.attack { port in
      let client = try RawClient(port: port)
      await client.send(bytes)
      client.finish()
      let answer = try await client.read()
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
    }
  }

  @Test func `a header that does not end is cut off`() async throws {
    try await Self.attack { port in
      for header in [
        "X-A: \(String(repeating: "a", count: 200_000))\r\n", String(repeating: "X-A: b\r\n", count: 20_000),
      ] {
        let client = try RawClient(port: port)
        await client.send(Self.head + header + "\r\n")
        client.finish()
        #expect(try await !client.read().contains("200 OK"))
      }
    }
  }

  @Test func `a body that is too large is refused, and not kept`() async throws {
    try await Self.attack(limits: .init(body: 4096, request: .seconds(60))) { port in
      let client = try RawClient(port: port)
      await client.send("\(Self.head)Content-Length: 100000000\r\n\r\n")
      let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
      for _ in 0..<4 { await client.send(chunk) }
      let answer = try await client.answer()
      #expect(answer.hasPrefix("HTTP/1.1 400") && answer.contains("more than the 4096 bytes"), "\(answer)")
    }
  }

  @Test func `a client that sends its request too slowly is cut off`() async throws {
    try await Self.attack(limits: .init(request: .milliseconds(300), idle: .milliseconds(300))) { port in
      for part in ["", "POST /of", Self.head, "\(Self.head)Content-Length: 1000\r\n\r\n{"] {
        let client = try RawClient(port: port)
        await client.send(part)
        #expect(try await !client.read().contains("200 OK"))
      }
    }
  }

  @Test(arguments: ["\(head)Content-Length: 100000\r\n\r\n", "\(head)X-A: b", "GET /a"])
  func `a client that sends a byte now and then is cut off all the same`(beginning: String) async throws {
    try await Self.attack(limits: .init(request: .milliseconds(300), idle: .seconds(600))) { port in
      let client = try RawClient(port: port)
      await client.send(beginning)
      let ended = Task.detached {
        try await client.read()
      }
      let trickle = Task.detached {
        while !Task.isCancelled {
          await client.send("a")
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      #expect(try await !ended.value.contains("200 OK"))
      trickle.cancel()
    }
  }

  @Test func `a client that does not take its answers is cut off`() async throws {
    try await Self.attack(limits: .init(request: .milliseconds(500), idle: .seconds(60))) { port in
      let client = try RawClient(port: port)
      let request = "GET /flags.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
      // More answers than all buffers on the way hold; reading begins when no more requests are taken.
      for _ in 0..<4000 { await client.send(String(repeating: request, count: 50)) }
      _ = try await client.read()
    }
  }

  @Test func `connections beyond the limit wait for one to end`() async throws {
    try await Self.attack(limits: .init(connections: 10, idle: .seconds(60))) { port in
      var held: [RawClient] = []
      for _ in 0..<9 {
        let client = try RawClient(port: port)
        await client.send(Self.good)
        #expect(try await client.answer().contains("200 OK"))
        held.append(client)
      }
      var waiting: [RawClient] = []
      for _ in 0..<20 {
        let client = try RawClient(port: port)
        await client.send("\(Self.good.replacing("\r\n\r\n", with: "\r\nConnection: close\r\n\r\n"))")
        waiting.append(client)
      }
      held = []
      for client in waiting { #expect(try await client.read().contains("200 OK")) }
    }
  }

  @Test func `a thousand connections leave nothing behind`() async throws {
    // In a process of its own, since others count and use descriptors, too.
    await #expect(processExitsWith: .success) {
      try await Self.attack { port in
        let before = try Self.openFiles()
        for _ in 0..<5 { try await Self.visit(port) }
        var left = try Self.openFiles()
        for _ in 0..<3000 where left > before + 5 {
          try await Task.sleep(for: .milliseconds(20))
          left = try Self.openFiles()
        }
        precondition(left <= before + 5, "\(before) files were open before, and \(left) are now")
      }
    }
  }

  /// Two hundred connections at once: good requests, halves of requests, and none.
  private static func visit(_ port: Int) async throws {
    var clients: [RawClient] = []
    for _ in 0..<200 { clients.append(try RawClient(port: port)) }
    for (index, client) in clients.enumerated() {
      await client.send(index % 3 == 0 ? good : index % 3 == 1 ? head : "garbage\r\n\r\n")
    }
    for (index, client) in clients.enumerated() where index % 3 == 0 {
      let answer = try await client.answer()
      precondition(answer.contains("200 OK"), answer)
    }
  }

  private static func openFiles() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
  }
}
