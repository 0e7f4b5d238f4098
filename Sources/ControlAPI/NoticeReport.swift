/// A notice in the outbox, as `notify list` and `notify dead` have it. Instants are RFC 3339 in UTC.
public struct NoticeReport: Codable, Hashable, Sendable {
  public var notice: Int64
  public var notifier: String
  /// `waiting`, `sent` or `dead`.
  public var state: String
  public var tries: Int
  /// Why the last try failed; absent when it did not.
  public var failure: String?
  public var event: String
  public var run: Int64?
  public var time: String
  public var title: String
  public var text: String
  /// The same at every try: what its receiver drops a second one by.
  public var key: String

  public init(
    notice: Int64, notifier: String, state: String, tries: Int, failure: String?, event: String, run: Int64?,
    time: String, title: String, text: String, key: String
  ) {
    self.notice = notice
    self.notifier = notifier
    self.state = state
    self.tries = tries
    self.failure = failure
    self.event = event
    self.run = run
    self.time = time
    self.title = title
    self.text = text
    self.key = key
  }
}
