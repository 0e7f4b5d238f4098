import Foundation
import PipelineModel

extension Suspect {
  /// "checkout-api in production, 12m before: edge/checkout gave 50% to 4f2a9c1"
  package var sentence: String { "\(distance.rounded) before, \(place): \(change.text)" }

  /// Why it stands where it does, one reason for each factor of its score.
  package var reasons: [String] {
    [overlapReason, nearnessReason, exposureReason].map { "\($0.text) (× \(Self.factor($0.factor)))" }
  }

  private var place: String {
    let services = change.services.isEmpty ? "no service named" : change.services.joined(separator: ", ")
    return services + (change.environment.map { " in \($0)" } ?? "")
  }

  private var overlapReason: (text: String, factor: Double) {
    let text =
      switch overlap {
      case .same: "changed \(change.services.isEmpty ? "what may be any service" : place)"
      case .unknown: "nobody said which services it is of"
      case .other: "changed another service, \(place)"
      }
    return (text, overlap.factor)
  }

  private var nearnessReason: (text: String, factor: Double) { ("\(distance.rounded) before", nearness) }

  private var exposureReason: (text: String, factor: Double) {
    let share = "\(Unit.percent.format(change.exposure)) of the \(change.subjects.rawValue)"
    let text =
      switch change.after {
      case nil: "nobody can tell how many of the \(change.subjects.rawValue) met it"
      case let after? where after >= change.before: "\(share) met it"
      case _?: "\(share) were moved back by it"
      }
    return (text, change.exposure.squareRoot())
  }

  private static func factor(_ value: Double) -> String { String(format: "%.2f", value) }
}
