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
        + [givingUp(.notify) { Wire.Notify(notice()) }, atOnce(crowd)],
      afterwards: NotifierHarness(notifier: later, notice: notice(), received: received).promises)
  }

  private func notice(_ key: String = newKey) -> Notice {
    Notice(
      key: key, thread: Self.newKey, event: .test, pipeline: "check", service: "check", environment: "check",
      version: "1", time: now, title: "headgate plugin check tries this notifier",
      fields: [.init(name: "a field", value: "a value")])
  }
}
