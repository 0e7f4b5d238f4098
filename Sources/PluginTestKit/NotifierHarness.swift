package import PipelineModel
package import PluginKit
package import Testing

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

/// Tries what `Notifier` promises: a notice arrives with its key, twice is harmless, text of any kind is carried, and a
/// receiver that hangs, refuses or is not there is a failure of the right kind, in time and without secrets.
package func verifyNotifier(_ harness: NotifierHarness, sourceLocation: SourceLocation = #_sourceLocation) async {
  await expectSend(harness.notice, "once", harness, sourceLocation)
  await expectReceived(harness.notice.key, harness, sourceLocation)
  await expectSend(harness.notice, "twice", harness, sourceLocation)
  let hostile = harness.notice.with(key: harness.notice.key + "-hostile", text: hostileText)
  await expectSend(hostile, "with text of every kind", harness, sourceLocation)
  await expectReceived(hostile.key, harness, sourceLocation)
  if let deaf = harness.deaf {
    var notice = harness.notice
    notice.timeout = .milliseconds(300)
    let hasty = notice
    await expectFailure(.transient, of: "a deaf receiver", hiding: harness.secrets, sourceLocation) {
      () async throws(Failure) in try await deaf.send(hasty)
    }
    notice.timeout = .hours(1)
    let patient = notice
    await expectCancellable("a notice to a deaf receiver", sourceLocation) { () async throws(Failure) in
      try await deaf.send(patient)
    }
  }
  if let absent = harness.absent {
    await expectFailure(.transient, of: "an absent receiver", hiding: harness.secrets, sourceLocation) {
      () async throws(Failure) in try await absent.send(harness.notice)
    }
  }
  if let (refusing, kind) = harness.refusing {
    await expectFailure(kind, of: "a receiver that refuses", hiding: harness.secrets, sourceLocation) {
      () async throws(Failure) in try await refusing.send(harness.notice)
    }
  }
}

/// What breaks formats: quotes, markup, line ends, a dot alone on a line, other scripts, control characters.
private let hostileText =
  "\"quoted\" <b>&amp;</b> *bold* `code` ${version} \\ back\r\n.\r\n..two\n\ttab é 日本語 🚦 \u{202e}turned\u{7}"

private func expectSend(_ notice: Notice, _ round: String, _ harness: NotifierHarness, _ location: SourceLocation) async
{
  _ = await expectSuccess(of: "send, \(round),", location) { () async throws(Failure) in
    try await harness.notifier.send(notice)
  }
}

private func expectReceived(_ key: String, _ harness: NotifierHarness, _ location: SourceLocation) async {
  guard let received = harness.received else { return }
  do {
    let count = try await received(key)
    #expect(count >= 1, "the receiver has not got \(key)", sourceLocation: location)
  } catch {
    Issue.record(error, "asking what was received", sourceLocation: location)
  }
}

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
