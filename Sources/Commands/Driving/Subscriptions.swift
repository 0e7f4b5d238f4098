import Controller
import Engine
import Narrative
import PipelineModel

/// Who is told of what: those that `headgate.yaml` names for every pipeline, and those that a pipeline names itself.
struct Subscriptions: Announcer {
  private let common: [Subscription]
  private let herald: Herald

  /// How often a run that is still degraded is told of again: at least every quarter of an hour, with the time that it takes
  /// to notice and to deliver.
  static let reminderInterval = Interval.minutes(14)

  /// - Parameter store: first part of every key.
  init(_ common: [Subscription], store: String) {
    self.common = common
    herald = Herald(store: store)
  }

  func hasListeners(_ pipeline: Pipeline) -> Bool { !common.isEmpty || !pipeline.notify.isEmpty }

  func notices(of entry: Entry, before: Run, run: Run) -> [AddressedNotice] {
    let listeners = listeners(to: run.plan.pipeline)
    let wanted = listeners.reduce(into: Set<NoticeEvent>()) { $0.formUnion($1.events) }
    let notices = herald.notices(of: entry, before: before, run: run, wanting: wanted)
    return listeners.flatMap { listener in
      notices.filter { listener.events.contains($0.event) }.map {
        AddressedNotice(notifier: listener.notifier, notice: $0)
      }
    }
  }

  func reminders(of run: Run, at now: Timestamp) -> [AddressedNotice] {
    let listeners = listeners(to: run.plan.pipeline).filter { $0.events.contains(.stillDegraded) }
    guard !listeners.isEmpty, let since = run.degradedSince else { return [] }
    let number = (now - since).milliseconds / Self.reminderInterval.milliseconds
    guard number > 0 else { return [] }
    let notice = herald.reminder(number, of: run, since: since, at: now)
    return listeners.map { AddressedNotice(notifier: $0.notifier, notice: notice) }
  }

  /// Each notifier once, with everything it is told of.
  private func listeners(to pipeline: Pipeline) -> [Subscription] {
    var events: [String: Set<NoticeEvent>] = [:]
    for subscription in common + pipeline.notify {
      events[subscription.notifier, default: []].formUnion(subscription.events)
    }
    return events.sorted { $0.key < $1.key }.map { Subscription(notifier: $0.key, events: $0.value) }
  }
}
