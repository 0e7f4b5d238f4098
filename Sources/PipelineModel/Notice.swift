/// One thing to tell, with its sentences already made.
package struct Notice: Hashable, Sendable {
  /// The same at every try of the same notice, and for no other one: what a receiver drops a second one by.
  package var key: String
  /// The same for all notices of one run: what a receiver puts them into one thread by.
  package var thread: String
  package var event: NoticeEvent
  package var severity: Severity
  /// Whether it begins or ends something that somebody must look at; `nil`: neither, it only tells.
  package var alarm: Alarm?
  /// `nil` for a notice that is not of a run, such as a test of the notifier.
  package var run: RunID?
  package var pipeline: String
  package var service: String
  package var environment: String
  package var version: String
  /// When it happened.
  package var time: Timestamp
  /// One line.
  package var title: String
  /// Plain text, one line or more; may be empty.
  package var text: String
  /// Address of the page that says what to do.
  package var runbook: String?
  /// More facts, in the order to show them; a name occurs once.
  package var fields: [Field]
  /// How long one try may take.
  package var timeout: Interval

  package enum Severity: String, Hashable, Sendable, CaseIterable {
    case info, warning, critical
  }

  package enum Alarm: String, Hashable, Sendable, CaseIterable {
    case firing, resolved
  }

  package struct Field: Hashable, Sendable {
    package var name: String
    package var value: String
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(
    key: String, thread: String, event: NoticeEvent, severity: Severity = .info, alarm: Alarm? = nil,
    run: RunID? = nil, pipeline: String, service: String, environment: String, version: String, time: Timestamp,
    title: String, text: String = "", runbook: String? = nil, fields: [Field] = [], timeout: Interval = .seconds(10)
  ) {
    self.key = key
    self.thread = thread
    self.event = event
    self.severity = severity
    self.alarm = alarm
    self.run = run
    self.pipeline = pipeline
    self.service = service
    self.environment = environment
    self.version = version
    self.time = time
    self.title = title
    self.text = text
    self.runbook = runbook
    self.fields = fields
    self.timeout = timeout
  }
}
