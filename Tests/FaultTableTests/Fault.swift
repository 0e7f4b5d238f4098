import LiveRig
import PipelineModel

/// What can go wrong between us and a backend that speaks HTTP.
enum Fault: String, CaseIterable, Sendable {
  case refused, reset
  case blackHole = "black hole"
  case silence
  case slowDrip = "slow drip"
  case status401 = "401"
  case status429 = "429 with Retry-After"
  case status500 = "500"
  case truncated
  case wrongType = "wrong content type"
  case large = "100 MB answer"
  case invalidUTF8 = "invalid UTF-8"
  case redirectLoop = "redirect loop"
  case expired = "expired certificate"

  /// Short where only the deadline ends it; long where the answer must come before it, however slow the machine is.
  var deadline: Interval {
    switch self {
    case .blackHole, .silence, .slowDrip: .seconds(1)
    default: .seconds(30)
    }
  }

  /// The kinds of failure that are right.
  var kinds: Set<Failure.Kind> {
    switch self {
    case .refused, .reset, .blackHole, .silence, .slowDrip, .status429, .status500: [.transient]
    case .status401, .redirectLoop, .expired: [.misconfigured]
    case .truncated: [.transient]
    case .wrongType: [.misconfigured]
    case .large: [.rejected]
    // A text cannot tell whether it was damaged on its way, or written so.
    case .invalidUTF8: [.transient, .misconfigured]
    }
  }

  /// Whether what comes is a whole answer with a good status, so that who reads no body may take it for success.
  var isGoodStatus: Bool {
    switch self {
    case .wrongType, .large, .invalidUTF8: true
    default: false
    }
  }

  /// Does `work` at the address of a server that behaves so.
  ///
  /// - Parameter good: what a server in order would answer to a request.
  func happens<Value: Sendable>(
    good: @escaping @Sendable (String) -> String, _ work: @Sendable (String) async throws -> Value
  ) async throws -> Value {
    switch self {
    case .refused: return try await work("http://127.0.0.1:\(try Rig.freePort())")
    case .blackHole:
      let listener = try FullListener()
      return try await work("http://127.0.0.1:\(listener.port)")
    case .silence:
      let listener = try SilentListener()
      return try await work("http://127.0.0.1:\(listener.port)")
    case .expired:
      return try await RawServer.with(.made(good), tls: TLSFixture.expired.serving()) { try await work($0.url) }
    default: return try await RawServer.with(reply(good)) { try await work($0.url) }
    }
  }

  /// Does `work` at the address of a server that is in order while it is read, and behaves so to every write.
  ///
  /// - Returns: `nil` when a server that can be read cannot have this fault.
  func happensToWrites<Value: Sendable>(
    good: @escaping @Sendable (String) -> String, _ work: @Sendable (String) async throws -> Value
  ) async throws -> Value? {
    switch self {
    case .refused, .blackHole, .expired: return nil
    default:
      let fault = reply(good)
      return try await RawServer.with(.chosen { $0.hasPrefix("GET ") ? .made(good) : fault }) { try await work($0.url) }
    }
  }

  private func reply(_ good: @escaping @Sendable (String) -> String) -> RawServer.Reply {
    switch self {
    case .reset: return .reset
    case .slowDrip:
      let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"
      return .endless(Array(head.utf8), piece: [0x20], pause: .milliseconds(20))
    case .status401: return .bytes(Array(RawServer.http(401, "{\"error\": \"who are you?\"}").utf8))
    case .status429: return .bytes(Array(RawServer.http(429, "slow down", "Retry-After: 30").utf8))
    case .status500: return .bytes(Array(RawServer.http(500, "oops").utf8))
    case .truncated: return .madeBytes { Self.cut(Array(good($0).utf8)) }
    case .wrongType: return .bytes(Array(RawServer.http(200, "<html>5</html>", "Content-Type: text/html").utf8))
    case .large:
      let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n"
      return .endless(Array(head.utf8), piece: [UInt8](repeating: 0x20, count: 1 << 16), pause: .zero)
    case .invalidUTF8: return .madeBytes { Self.damaged(Array(good($0).utf8)) }
    case .redirectLoop: return .bytes(Array(RawServer.http(302, "", "Location: /").utf8))
    case .silence: return .endless([], piece: [], pause: .milliseconds(20))
    case .refused, .blackHole, .expired: return .bytes([])
    }
  }

  /// Without the second half of its body.
  private static func cut(_ answer: [UInt8]) -> [UInt8] {
    guard let body = bodyStart(of: answer) else { return answer }
    return Array(answer[..<(body + (answer.count - body) / 2)])
  }

  /// With a byte of a text in its body that is not UTF-8: the one behind the first quotation mark, else the first.
  private static func damaged(_ answer: [UInt8]) -> [UInt8] {
    var answer = answer
    guard let body = bodyStart(of: answer), body < answer.count else { return answer }
    let quote = answer[body...].firstIndex(of: UInt8(ascii: "\""))
    answer[quote.map { $0 + 1 } ?? body] = 0xff
    return answer
  }

  private static func bodyStart(of answer: [UInt8]) -> Int? {
    let end = Array("\r\n\r\n".utf8)
    return answer.indices.first { answer[$0...].starts(with: end) }.map { $0 + end.count }
  }
}
