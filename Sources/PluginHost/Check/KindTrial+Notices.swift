import Conformance
import Foundation
import PipelineModel
import PluginKit

extension KindTrial {
  /// Notices arrive, many at once too, and are taken by the process after.
  func notifying(_ trial: PluginTrial) -> Port {
    let notifier = PluginNotifier(connection: connection)
    let receiver = Outside(trial.received, of: self)
    let received: (@Sendable (String) async throws -> Int)? =
      trial.received.isEmpty ? nil : { @Sendable key in try await receiver.count(of: key) }
    let keys = (0..<100).map { _ in Self.newKey }
    let crowd: [@Sendable () async -> String?] = keys.map { key in
      {
        let send = { @Sendable () async throws(Failure) in try await notifier.send(notice(key)) }
        if let complaint = await Self.complaint("a notice", send) { return complaint }
        return (try? await received?(key)) == 0 ? "a notice has not been received" : nil
      }
    }
    let later = PluginNotifier(connection: successor)
    return Port(
      first: NotifierHarness(notifier: notifier, notice: notice(), received: received, secrets: hidden).promises
        + once(by: [notifier, PluginNotifier(connection: restarted)], received)
        + [givingUp(.notify) { Wire.Notify(notice()) }, atOnce(crowd)],
      afterwards: NotifierHarness(notifier: later, notice: notice(), received: received).promises)
  }

  /// A notice that is sent again, by a restarted controller perhaps, is one notice to whoever receives it.
  private func once(
    by notifiers: [PluginNotifier], _ received: (@Sendable (String) async throws -> Int)?
  ) -> [Promise] {
    guard let received else { return [] }
    let notice = notice()
    return (notifiers + notifiers).enumerated().map { round, notifier in
      .success("a notice that is to be received once, sent \(round + 1) times") { () async throws(Failure) in
        try await notifier.send(notice)
      }
    } + [.truth("how often it has been received", is: 1) { try await received(notice.key) }]
  }

  private func notice(_ key: String = newKey) -> Notice {
    Notice(
      key: key, thread: Self.newKey, event: .test, pipeline: "check", service: "check", environment: "check",
      version: "1", time: now, title: "headgate plugin check tries this notifier",
      fields: [.init(name: "a field", value: "a value")])
  }
}
