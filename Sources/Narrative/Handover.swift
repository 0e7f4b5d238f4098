import Engine
import PipelineModel

/// That another provider answers for a metric than at the look before.
struct Handover: Hashable, Sendable {
  var metric: Int
  /// Who answers now, in the provider's stead; `nil`: the provider itself again.
  var stand: Reading.Notes.Stand?

  /// `nil`: the same as before, or nobody.
  init?(of metric: Int, _ reading: Reading, after before: Reading.Notes.Stand?) {
    let stand = reading.notes?.stand
    guard reading.given != nil, stand?.provider != before?.provider else { return nil }
    (self.metric, self.stand) = (metric, stand)
  }
}

extension Teller {
  /// What decides from now on comes from elsewhere: that is for everybody to know, not only for who looks at single looks.
  var handedOver: Sentence? {
    guard let handover else { return nil }
    let metric = plan.pipeline.metrics[handover.metric]
    guard let stand = handover.stand else {
      return say(.plain, "\(metric.name) is answered by \(metric.provider) again")
    }
    return say(
      .warning, "\(metric.name) is answered by the fallback \(stand.provider) from here, since \(stand.because)")
  }
}
