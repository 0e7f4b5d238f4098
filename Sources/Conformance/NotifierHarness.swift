package import PipelineModel
package import PluginKit

/// A notifier with what is needed to try the promises of `Notifier` on it.
package struct NotifierHarness: Sendable {
  package var notifier: any Notifier
  package var notice: Notice
  /// What the receiver has got so far for a key: how often, or nothing where it cannot be asked.
  package var received: (@Sendable (_ key: String) async throws -> Int)?
  /// A notifier whose receiver takes the notice and never answers.
  package var deaf: (any Notifier)?
  /// A notifier whose receiver is not there.
  package var absent: (any Notifier)?
  /// A notifier whose receiver refuses, and the kind of failure that is.
  package var refusing: (any Notifier, Failure.Kind)?
  /// What must not be seen in any message.
  package var secrets: [String]

  package init(
    notifier: any Notifier, notice: Notice, received: (@Sendable (String) async throws -> Int)? = nil,
    deaf: (any Notifier)? = nil, absent: (any Notifier)? = nil, refusing: (any Notifier, Failure.Kind)? = nil,
    secrets: [String] = []
  ) {
    self.notifier = notifier
    self.notice = notice
    self.received = received
    self.deaf = deaf
    self.absent = absent
    self.refusing = refusing
    self.secrets = secrets
  }
}

extension NotifierHarness: Harness {
  /// A notice arrives with its key, twice is harmless, text of any kind is carried, and a receiver that hangs, refuses or
  /// is not there is a failure of the right kind, in time and without secrets.
  package var promises: [Promise] {
    let hostile = notice.with(key: notice.key + "-hostile", text: hostileText)
    return [sending(notice, "once")] + arriving(notice.key) + [sending(notice, "twice")]
      + [sending(hostile, "with text of every kind")] + arriving(hostile.key) + hanging + missing + refused
  }

  private func sending(_ notice: Notice, _ round: String) -> Promise {
    .success("send, \(round)") { () async throws(Failure) in try await notifier.send(notice) }
  }

  private func arriving(_ key: String) -> [Promise] {
    guard let received else { return [] }
    return [.truth("the receiver has got \(key)", is: true) { try await received(key) >= 1 }]
  }

  private var hanging: [Promise] {
    guard let deaf else { return [] }
    var notice = notice
    notice.timeout = .milliseconds(300)
    let hasty = notice
    notice.timeout = .hours(1)
    let patient = notice
    return [
      .failure(.transient, of: "a deaf receiver", hiding: secrets) { () async throws(Failure) in
        try await deaf.send(hasty)
      },
      .cancellation(of: "a notice to a deaf receiver") { () async throws(Failure) in try await deaf.send(patient) },
    ]
  }

  private var missing: [Promise] {
    guard let absent else { return [] }
    return [
      .failure(.transient, of: "an absent receiver", hiding: secrets) { () async throws(Failure) in
        try await absent.send(notice)
      }
    ]
  }

  private var refused: [Promise] {
    guard let (refusing, kind) = refusing else { return [] }
    return [
      .failure(kind, of: "a receiver that refuses", hiding: secrets) { () async throws(Failure) in
        try await refusing.send(notice)
      }
    ]
  }
}

/// What breaks formats: quotes, markup, line ends, a dot alone on a line, other scripts, control characters.
private let hostileText =
  "\"quoted\" <b>&amp;</b> *bold* `code` ${version} \\ back\r\n.\r\n..two\n\ttab é 日本語 🚦 \u{202e}turned\u{7}"

extension Notice {
  fileprivate func with(key: String, text: String) -> Notice {
    var notice = self
    notice.key = key
    notice.title = "Title: \(text.split(whereSeparator: \.isNewline).first ?? "")"
    notice.text = text
    notice.fields.append(.init(name: "odd", value: text))
    return notice
  }
}
