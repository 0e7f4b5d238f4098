import PipelineModel

/// How subscriptions are written: `notify: { deploys: [started, promoted], oncall: problems }`.
enum SubscriptionForm {
  private static let words =
    NoticeGroup.allCases.map(\.rawValue) + NoticeEvent.allCases.filter(\.isOfRuns).map(\.rawValue)

  private static let events = Form<Set<NoticeEvent>>(.oneOf(words)) { node, reader in
    guard let text = reader.text(node, wanting: "an event", help: "for example `problems`") else { return nil }
    if let group = NoticeGroup(rawValue: text) { return group.events }
    if let event = NoticeEvent(rawValue: text), event.isOfRuns { return [event] }
    reader.sink.unknown("event", text, among: words, at: node.place)
    return nil
  }

  static let key = Key(
    "notify", events.list.named,
    "who is told of what: names of notifiers, each with events, `all`, `problems` or `ends`")

  static func subscriptions(_ named: [Named<[Set<NoticeEvent>]>]?) -> [Subscription] {
    (named ?? []).map { entry in
      Subscription(
        notifier: entry.name.value, events: entry.value.value.reduce(into: Set()) { $0.formUnion($1) })
    }
  }
}
