import LiveRig

/// A server that takes the question and never answers.
struct SilentServer {
  private let listener: SilentListener

  init() throws { listener = try SilentListener() }

  var url: String { "http://127.0.0.1:\(listener.port)" }

  /// An address where nobody listens.
  static func nobody() throws -> String { "http://127.0.0.1:\(try Rig.freePort())" }
}
