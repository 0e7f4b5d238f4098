package import PipelineModel

extension Wire {
  /// `notify.send`
  package struct Notify: Codable, Sendable {
    /// The same for every try of the same notice.
    package var key: String
    /// The same for all notices of one run.
    package var thread: String
    package var event: String
    /// `info`, `warning` or `critical`.
    package var severity: String
    /// `firing` or `resolved`; absent: it only tells.
    package var alarm: String?
    package var run: Int64?
    package var pipeline: String
    package var service: String
    package var environment: String
    package var version: String
    /// When it happened, in seconds since 1970.
    package var time: Double
    /// One line.
    package var title: String
    package var text: String
    package var runbook: String?
    package var fields: [Field]
    package var within: Double

    package struct Field: Codable, Sendable {
      package var name: String
      package var value: String
    }

    package init(_ notice: Notice) {
      key = notice.key
      thread = notice.thread
      event = notice.event.rawValue
      severity = notice.severity.rawValue
      alarm = notice.alarm?.rawValue
      run = notice.run?.number
      pipeline = notice.pipeline
      service = notice.service
      environment = notice.environment
      version = notice.version
      time = Double(notice.time.milliseconds) / 1000
      title = notice.title
      text = notice.text
      runbook = notice.runbook
      fields = notice.fields.map { Field(name: $0.name, value: $0.value) }
      within = notice.timeout.seconds
    }
  }
}
