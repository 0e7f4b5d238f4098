import Foundation
import PipelineModel

/// A notice as the outbox keeps it. Fields may be added, and must then be optional: older rows stay readable.
struct StoredNotice: Codable {
  var key, thread, event, severity: String
  var alarm: String?
  var run: Int64?
  var pipeline, service, environment, version: String
  var time: Int64
  var title, text: String
  var runbook: String?
  var fields: [[String]]
  var timeout: Int64

  init(_ notice: Notice) {
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
    time = notice.time.milliseconds
    title = notice.title
    text = notice.text
    runbook = notice.runbook
    fields = notice.fields.map { [$0.name, $0.value] }
    timeout = notice.timeout.milliseconds
  }

  static func text(of notice: Notice) throws -> String {
    String(decoding: try JSONEncoder().encode(StoredNotice(notice)), as: UTF8.self)
  }

  /// `nil` for a row of a later version that this one cannot follow.
  static func notice(of text: String) -> Notice? {
    (try? JSONDecoder().decode(StoredNotice.self, from: Data(text.utf8)))?.notice
  }

  private var notice: Notice? {
    guard let event = NoticeEvent(rawValue: event), let severity = Notice.Severity(rawValue: severity) else {
      return nil
    }
    return Notice(
      key: key, thread: thread, event: event, severity: severity, alarm: alarm.flatMap(Notice.Alarm.init),
      run: run.map { RunID($0) }, pipeline: pipeline, service: service, environment: environment, version: version,
      time: Timestamp(milliseconds: time), title: title, text: text, runbook: runbook,
      fields: fields.compactMap { $0.count == 2 ? .init(name: $0[0], value: $0[1]) : nil },
      timeout: .milliseconds(timeout))
  }
}
