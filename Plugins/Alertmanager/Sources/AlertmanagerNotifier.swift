import BackendHTTP
import Foundation
import PipelineModel
import PluginKit

/// Tells an Alertmanager, at `/api/v2/alerts`, that a run is degraded, and when that is over.
///
/// A run has up to two alerts: `HeadgateDegraded`, and `HeadgateRollbackStuck` when its rollback does not get through.
/// Their labels are the same at every notice of the run, so that raising one again prolongs it. Notices that neither
/// raise nor resolve anything are not sent.
struct AlertmanagerNotifier: Notifier {
  var http: HTTPBackend
  var labels: [String: String]
  var resolveAfter: Interval
  var templates: NoticeTemplates
  /// The wall clock: the one Alertmanager goes by, also where the journal is ahead of it.
  var now: @Sendable () -> Timestamp = { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

  func send(_ notice: Notice) async throws(Failure) {
    let notice = templates.retell(notice)
    let alerts = alerts(notice)
    if alerts.isEmpty { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let body = try? encoder.encode(alerts) else { throw Failure(.rejected, "a notice cannot be written as JSON") }
    let call = HTTPCall(.post, "/api/v2/alerts").sending(body, as: "application/json")
    let attempt = "\(http.name) could not deliver \"\(notice.title.excerpt(80))\" to \(http.url)"
    try await http.send(call, within: notice.timeout, attempt) { reply throws(Failure) in
      if !reply.isSuccess { throw reply.refusal() }
    }
  }

  static func isLabel(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
    return name.unicodeScalars.allSatisfy {
      $0 == "_" || ("0"..."9").contains($0) || ("a"..."z").contains($0) || ("A"..."Z").contains($0)
    }
  }

  // MARK: Alerts

  struct Alert: Encodable {
    var labels: [String: String]
    var annotations: [String: String]
    /// Without it, Alertmanager takes its own now, and keeps the first one while the alert lasts.
    var startsAt: String?
    var endsAt: String
    var generatorURL: String?
  }

  private enum Name: String {
    case degraded = "HeadgateDegraded"
    case stuck = "HeadgateRollbackStuck"

    var severity: Notice.Severity { self == .stuck ? .critical : .warning }
  }

  private func alerts(_ notice: Notice) -> [Alert] {
    switch notice.alarm {
    case nil: []
    case .firing: [alert(notice.event == .rollbackStuck ? .stuck : .degraded, notice, endsAt: now() + resolveAfter)]
    // The end of a run ends both; one that was never raised stays unknown. A second back, for clocks that differ: an end
    // in the future would count as none.
    case .resolved: [.degraded, .stuck].map { alert($0, notice, endsAt: min(notice.time, now()) + .seconds(-1)) }
    }
  }

  private func alert(_ name: Name, _ notice: Notice, endsAt: Timestamp) -> Alert {
    var labels = labels
    labels["alertname"] = name.rawValue
    labels["severity"] = name.severity.rawValue
    for (label, value) in [
      ("pipeline", notice.pipeline), ("service", notice.service), ("environment", notice.environment),
      ("run", notice.run.map { "\($0)" } ?? ""),
    ] where !value.isEmpty { labels[label] = value }
    var annotations = ["summary": notice.title, "description": notice.text, "version": notice.version]
    annotations["runbook_url"] = notice.runbook
    return Alert(
      labels: labels, annotations: annotations.filter { !$0.value.isEmpty },
      startsAt: notice.alarm == .resolved ? nil : min(notice.time, now()).rfc3339, endsAt: endsAt.rfc3339,
      generatorURL: notice.runbook.flatMap { $0.hasPrefix("http") ? $0 : nil })
  }
}
