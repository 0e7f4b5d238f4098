/// Messages of the plugin protocol: JSON-RPC 2.0, one object a line. `Plugins/The-plugin-protocol.md` says what they mean.
package enum Wire {
  /// The only version there is.
  package static let version = 1

  /// What one side asks of the other.
  package struct Request<Params: Codable & Sendable>: Codable, Sendable {
    package var jsonrpc = "2.0"
    package var id: Int
    package var method: Method
    package var params: Params

    package init(id: Int, method: Method, params: Params) {
      self.id = id
      self.method = method
      self.params = params
    }

    private enum CodingKeys: String, CodingKey { case jsonrpc, id, method, params }
  }

  /// `$/cancel`: no answer of its own comes; the call that is given up is answered as before, or with `cancelled`.
  package struct Cancellation: Codable, Sendable {
    package var jsonrpc = "2.0"
    package var method = "$/cancel"
    package var params: Params

    package struct Params: Codable, Sendable {
      package var id: Int
    }

    package init(id: Int) { params = Params(id: id) }

    private enum CodingKeys: String, CodingKey { case jsonrpc, method, params }
  }

  /// A call's answer: exactly one of result and error.
  package struct Response<Result: Codable & Sendable>: Codable, Sendable {
    package var jsonrpc = "2.0"
    package var id: Int?
    package var result: Result?
    package var error: Problem?

    package init(id: Int?, result: Result? = nil, error: Problem? = nil) {
      self.id = id
      self.result = result
      self.error = error
    }

    private enum CodingKeys: String, CodingKey { case jsonrpc, id, result, error }
  }

  /// What is known of a line before anybody knows which call it answers.
  package struct Envelope: Decodable, Sendable {
    package var id: Int?
    package var isResponse: Bool

    package init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: Key.self)
      guard try members.decode(String.self, forKey: .jsonrpc) == "2.0" else {
        throw DecodingError.dataCorruptedError(forKey: .jsonrpc, in: members, debugDescription: "\"2.0\" is wanted")
      }
      id = try members.decodeIfPresent(Int.self, forKey: .id)
      isResponse = members.contains(.result) != members.contains(.error)
    }

    private enum Key: String, CodingKey { case jsonrpc, id, result, error }
  }

  package enum Method: String, Codable, Sendable, CaseIterable {
    case initialize, shutdown
    case sample = "metrics.sample"
    case setWeight = "traffic.setWeight"
    case readBack = "traffic.readBack"
    case mirror = "traffic.mirror"
    case headerRoute = "traffic.headerRoute"
    case deployStart = "deploy.start"
    case deployPoll = "deploy.poll"
    case deployStop = "deploy.stop"
    case notify = "notify.send"
    case stepStart = "step.start"
    case stepPoll = "step.poll"
    case stepCancel = "step.cancel"

    /// Whether it changes something, so that it matters when it ends.
    package var isChange: Bool {
      switch self {
      case .setWeight, .mirror, .headerRoute, .deployStart, .deployStop, .stepStart, .stepCancel: true
      case .initialize, .shutdown, .sample, .readBack, .deployPoll, .notify, .stepPoll: false
      }
    }
  }
}
