import LiveRig
import PipelineModel
import Testing

@testable import BackendHTTP

/// A stream is handed on line by line while it lasts, and ends when it falls silent, grows too wide, or nobody wants more.
@Suite struct LinesTests {
  private func lines(
    _ reply: RawServer.Reply, quiet: Interval = .seconds(30), longest: Int = 1 << 20,
    _ each: @escaping @Sendable (String) async throws(Failure) -> Bool
  ) async throws -> Bool {
    try await RawServer.with(reply) { server in
      try await backend(server.url).lines(
        HTTPCall(.get, "/watch"), within: .seconds(20), quiet: quiet, longestLine: longest, "store could not watch",
        refused: { $0.refusal() }, each: each)
    }
  }

  private static let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

  @Test func `every line comes, the last one without its end too`() async throws {
    let heard = Heard()
    let isOver = try await lines(.bytes(Array("\(Self.head)a\r\n\nä b\nlast".utf8))) {
      heard.add($0)
      return true
    }
    #expect(isOver)
    #expect(heard.all == ["a", "ä b", "last"])
  }

  @Test func `a stream without end is read as long as wanted`() async throws {
    let heard = Heard()
    let piece = Array("tick\nto".utf8)
    let isOver = try await lines(.endless(Array(Self.head.utf8), piece: piece, pause: .milliseconds(1))) {
      heard.add($0)
      return heard.all.count < 3
    }
    #expect(!isOver)
    #expect(heard.all == ["tick", "totick", "totick"])
  }

  @Test func `silence, a line without end, and a refusal are failures`() async throws {
    let endless = [UInt8](repeating: 97, count: 4096)
    let cases: [(RawServer.Reply, Failure.Kind, String, quiet: Interval)] = [
      (
        .endless(Array("\(Self.head)a\n".utf8), piece: [], pause: .milliseconds(20)), .transient, "nothing more came",
        .milliseconds(500)
      ),
      (
        .endless(Array(Self.head.utf8), piece: endless, pause: .zero), .rejected, "a line of the answer has more",
        .seconds(30)
      ),
      (.bytes(Array(RawServer.http(410, "too old").utf8)), .misconfigured, "HTTP 410: \"too old\"", .seconds(30)),
      (.bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\na\n".utf8)), .transient, "broke off", .seconds(30)),
    ]
    for (reply, kind, text, quiet) in cases {
      let failure = await #expect(throws: Failure.self) {
        try await lines(reply, quiet: quiet, longest: 100_000) { _ in true }
      }
      #expect(failure?.kind == kind)
      #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "")")
    }
  }

  @Test func `what the reader throws comes out, and cancelling ends it`() async throws {
    let reply = RawServer.Reply.endless(Array(Self.head.utf8), piece: Array("x\n".utf8), pause: .milliseconds(5))
    await #expect(throws: Failure(.rejected, "store could not watch: no more")) {
      try await lines(reply) { _ throws(Failure) in throw Failure(.rejected, "no more") }
    }
    let (beginnings, began) = AsyncStream.makeStream(of: Void.self)
    let watching = Task {
      try await lines(reply) { _ in
        began.yield()
        return true
      }
    }
    for await _ in beginnings { break }
    watching.cancel()
    await #expect(throws: Failure.self) { try await watching.value }
  }
}
