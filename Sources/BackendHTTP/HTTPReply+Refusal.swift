package import PipelineModel

extension HTTPReply {
  package var isSuccess: Bool { (200..<300).contains(status) }

  /// What the status means when it is not the one that was wanted.
  ///
  /// | status | kind |
  /// |---|---|
  /// | 408, 425, 429, 500 and more | `transient` |
  /// | 1xx, 2xx, 3xx, 401, 403, 407 | `misconfigured` |
  /// | 404, 405, 410 | `missing` |
  /// | any other | `other` |
  ///
  /// - Parameters:
  ///   - said: what the backend says in its own words, made fit by `quoted`; the body's beginning when `nil`.
  ///   - missing: `misconfigured` where only a wrong `url` has nothing there, `rejected` where the request names things.
  package func refusal(
    _ said: String? = nil, missing: Failure.Kind = .misconfigured, other: Failure.Kind = .rejected
  ) -> Failure {
    let words = said.map { "HTTP \(status), \($0)" } ?? "HTTP \(status): \(excerpt)"
    switch status {
    case 300..<400:
      return Failure(
        .misconfigured,
        "HTTP \(status), a redirect to \(target); redirects are not followed, so set `url` to the final address")
    case 401, 403, 407:
      let reason = said.map { " (\($0))" } ?? ""
      return Failure(.misconfigured, "HTTP \(status): the credentials are missing or not accepted\(reason)")
    case 408, 425, 429, 500...: return Failure(.transient, words + patience, retryAfter: retryAfter)
    case 404, 405, 410: return Failure(missing, missing == .misconfigured ? "\(words); is `url` right?" : words)
    case ..<300: return Failure(.misconfigured, "\(words); is `url` right?")
    default: return Failure(other, words)
    }
  }

  /// Where a redirect leads, without what might be a secret in it.
  private var target: String {
    let place = (header("Location") ?? "nowhere").prefix { $0 != "?" && $0 != "#" }
    guard let at = place.lastIndex(of: "@") else { return quoted(String(place), 120) }
    return quoted(String(place[place.index(after: at)...]), 120)
  }

  private var patience: String { retryAfter.map { "; it asks to wait \($0)" } ?? "" }
}
