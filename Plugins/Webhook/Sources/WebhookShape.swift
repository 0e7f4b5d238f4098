import Foundation
import PipelineModel
import PluginKit

/// How a notice is written for who receives it.
enum WebhookShape: String, CaseIterable, Sendable {
  /// The notice itself, field by field.
  case json
  /// Slack's and Mattermost's incoming webhooks.
  case slack
  /// An Adaptive Card, as the Workflows webhooks of Teams take it.
  case teams

  func body(of notice: Notice) throws(Failure) -> String {
    do {
      switch self {
      case .json: return try Self.text(PlainBody(notice))
      case .slack: return try Self.text(SlackBody(notice))
      case .teams: return try Self.text(TeamsBody(notice))
      }
    } catch {
      throw Failure(.rejected, "a notice cannot be written as JSON: \("\(error)".excerpt(200))")
    }
  }

  private static func text(_ body: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(body), as: UTF8.self)
  }
}

/// The notice as it is; its members are documented, and only ever added to.
private struct PlainBody: Encodable {
  var key, thread, event, severity: String
  var alarm: String?
  var run: Int64?
  var pipeline, service, environment, version, time, title, text: String
  var runbook: String?
  var fields: [String: String]

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
    time = notice.time.rfc3339
    title = notice.title
    text = notice.text
    runbook = notice.runbook
    fields = Dictionary(notice.fields.map { ($0.name, $0.value) }) { first, _ in first }
  }
}

/// One attachment with the color of how serious it is.
private struct SlackBody: Encodable {
  struct Attachment: Encodable {
    struct Field: Encodable {
      var title, value: String
      var short = true
    }
    var fallback, color, title, text: String
    var titleLink: String?
    var fields: [Field]
    var footer: String
    var ts: Int64
    enum CodingKeys: String, CodingKey {
      case fallback, color, title, text, fields, footer, ts
      case titleLink = "title_link"
    }
  }
  var text: String
  var attachments: [Attachment]

  init(_ notice: Notice) {
    text = Self.escaped(notice.title)
    attachments = [
      Attachment(
        fallback: Self.escaped(notice.title), color: Self.color(of: notice), title: "", text: Self.escaped(notice.text),
        titleLink: notice.runbook,
        fields: notice.fields.map { .init(title: Self.escaped($0.name), value: Self.escaped($0.value)) },
        footer: notice.key, ts: notice.time.milliseconds / 1000)
    ]
    if notice.runbook != nil { attachments[0].title = "Runbook" }
  }

  private static func color(of notice: Notice) -> String {
    switch (notice.severity, notice.alarm) {
    case (_, .resolved): "good"
    case (.info, _): "#439FE0"
    case (.warning, _): "warning"
    case (.critical, _): "danger"
    }
  }

  /// What Slack wants escaped, so that a text is never a mention or a link of somebody else's making.
  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}

private struct TeamsBody: Encodable {
  struct Attachment: Encodable {
    var contentType = "application/vnd.microsoft.card.adaptive"
    var content: Card
  }
  struct Card: Encodable {
    var schema = "http://adaptivecards.io/schemas/adaptive-card.json"
    var type = "AdaptiveCard"
    var version = "1.4"
    var body: [Element]
    var actions: [Action]
    enum CodingKeys: String, CodingKey {
      case schema = "$schema"
      case type, version, body, actions
    }
  }
  struct Element: Encodable {
    struct Fact: Encodable { var title, value: String }
    var type: String
    var text: String?
    var weight: String?
    var color: String?
    var wrap: Bool?
    var facts: [Fact]?
  }
  struct Action: Encodable {
    var type = "Action.OpenUrl"
    var title = "Runbook"
    var url: String
  }

  var type = "message"
  var attachments: [Attachment]

  init(_ notice: Notice) {
    var body = [
      Element(type: "TextBlock", text: notice.title, weight: "Bolder", color: Self.color(of: notice), wrap: true)
    ]
    if !notice.text.isEmpty { body.append(Element(type: "TextBlock", text: notice.text, wrap: true)) }
    body.append(Element(type: "FactSet", facts: notice.fields.map { .init(title: $0.name, value: $0.value) }))
    attachments = [
      Attachment(content: Card(body: body, actions: notice.runbook.map { [Action(url: $0)] } ?? []))
    ]
  }

  private static func color(of notice: Notice) -> String {
    switch (notice.severity, notice.alarm) {
    case (_, .resolved): "Good"
    case (.info, _): "Default"
    case (.warning, _): "Warning"
    case (.critical, _): "Attention"
    }
  }
}
