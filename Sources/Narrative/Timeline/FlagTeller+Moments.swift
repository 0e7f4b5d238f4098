package import Engine
import PipelineModel

extension FlagTeller {
  /// What a time line shows of an entry about flags; `nil` of an entry about anything else.
  package static func moment(of entry: Entry) -> Moment? {
    guard case .flag(let fact) = entry.fact, let sentence = sentence(of: entry) else { return nil }
    let topic: Moment.Topic =
      switch fact {
      case .revised: .flag
      case .proposal: .approval
      case .refused, .stepRefused: .refusal
      }
    return Moment(
      sequence: entry.sequence, topic: topic, services: fact.services, environment: fact.name?.environment,
      sentence: sentence)
  }
}
