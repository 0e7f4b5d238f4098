import Crypto
package import PipelineModel

/// Who makes a request, and what he may do.
package struct Caller: Sendable {
  /// Of the token.
  package let name: String
  package let principal: Principal
  private let scopes: Set<Serving.Scope>
  private let environments: [String]
  let rate: Int?
  private let key: SymmetricKey?

  init(_ token: Serving.Token, value: String) {
    name = token.name
    principal = token.principal
    scopes = token.scopes
    environments = token.environments
    rate = token.rate
    key = SymmetricKey(data: Array(value.utf8))
  }

  private init() {
    name = "anybody"
    principal = Principal(kind: .token, name: "anybody")
    scopes = [.evaluate, .sync, .read]
    environments = []
    rate = nil
    key = nil
  }

  /// Of a server that knows no tokens: nobody acts without a name.
  static let anybody = Caller()

  /// The only environment there is for him; `nil` with several.
  var onlyEnvironment: String? { environments.count == 1 ? environments[0] : nil }

  func mustBeAllowed(to scope: Serving.Scope) throws(Problem) {
    if scopes.contains(scope) { return }
    if key == nil {
      throw Problem(
        .unauthorized, "nobody is known here, and a change needs a name",
        mend: "add a token with `may: [change]` under `serve: tokens:` of headgate.yaml, and send it")
    }
    throw Problem(
      .forbidden, "the token \"\(name)\" may not \(scope.rawValue)",
      mend: "add `\(scope.rawValue)` to its `may:` in headgate.yaml, or use another token")
  }

  func mustBeAllowed(to scope: Serving.Scope, in environment: String) throws(Problem) {
    try mustBeAllowed(to: scope)
    if environments.isEmpty || environments.contains(environment) { return }
    throw Problem(
      .forbidden, "the token \"\(name)\" is not for the environment \"\(environment)\"",
      mend: "add it to the token's `environments:` in headgate.yaml, or use another token")
  }

  /// Whether an environment may be named to him.
  func knows(_ environment: String) -> Bool { environments.isEmpty || environments.contains(environment) }

  /// Opens the stream of changes of one environment and nothing else, for clients that can send no headers there. The
  /// same for as long as the token is; `nil` when nobody needs one.
  func ticket(for environment: String) -> String? {
    guard let key, knows(environment), scopes.contains(.evaluate) else { return nil }
    let code = HMAC<SHA256>.authenticationCode(for: Array("headgate event stream \(environment)".utf8), using: key)
    return EntityTag.hexadecimal(code.prefix(20))
  }
}
