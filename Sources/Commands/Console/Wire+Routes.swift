import ControlAPI
import Engine
import Narrative
import PipelineModel

extension Chronicle {
  /// The routes that were asked for a share.
  func routes(now: Timestamp) -> [RouteStatus] {
    guard let run else { return [] }
    let retries = retries
    return run.routes.enumerated().compactMap { index, state in
      state.wanted.map { wanted in
        RouteStatus(
          route: plan.routes[index].description, weight: state.given.fraction * 100, wanted: wanted.fraction * 100,
          confirmed: state.confirmed,
          retry: retries.first { $0.work.isWeight(of: index) }.map { RetryStatus($0, now: now) })
      }
    }
  }

  /// What else is tried again.
  func otherRetries(now: Timestamp) -> [RetryStatus] {
    retries.filter { retry in !plan.routes.indices.contains { retry.work.isWeight(of: $0) } }
      .map { RetryStatus($0, now: now) }
  }
}

extension RetryStatus {
  fileprivate init(_ retry: Chronicle.Retry, now: Timestamp) {
    self.init(
      what: retry.what, failed: retry.failed, reason: retry.reason, next: retry.next.rfc3339,
      secondsLeft: max(.zero, retry.next - now).seconds, escalated: retry.isEscalated)
  }

  /// `6 tries failed: no such backend, next in 30s, ESCALATED`
  var phrase: String {
    let left = Interval(milliseconds: Int64(secondsLeft.rounded(.up)) * 1000)
    let tries = failed == 1 ? "1 try failed" : "\(failed) tries failed"
    return "\(tries): \(reason), \(secondsLeft > 0 ? "next in \(left)" : "being tried now")"
      + (escalated ? ", ESCALATED" : "")
  }

  /// Of anything but a route's share.
  var line: String { "  " + Console.styled("\(what): \(phrase)", escalated ? .red : .yellow) }
}

extension RouteStatus {
  private var given: Weight { Weight(basisPoints: Int((weight * 100).rounded())) }

  /// `25% of edge/shop, asked for 0%, 6 tries failed: …`
  private var phrase: String {
    let asked = confirmed ? "" : ", asked for \(Weight(basisPoints: Int((wanted * 100).rounded())))"
    return "\(given) of \(route)\(asked)"
  }

  private var trouble: String {
    retry.map { ", " + Console.styled($0.phrase, $0.escalated ? .red : .yellow) } ?? ""
  }

  var line: String { "  \(phrase)\(trouble)" }

  /// With a bar in front, of what the candidate has.
  var barred: String {
    let filled = Int((given.fraction * 30).rounded())
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
    return "  \(bar) \(phrase)\(trouble)"
  }
}
