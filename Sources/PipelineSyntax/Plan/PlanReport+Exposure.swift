import PipelineModel

extension PlanReport {
  /// Of the whole run, when nothing is noticed before each hold is over.
  package var exposure: Exposure {
    let held = stages.reduce(Interval.zero) { $0 + $1.exposure.held }
    let greatest = stages.flatMap(\.steps).map(\.weight).filter { $0 < .all }.max() ?? .none
    return Exposure(
      inTime: stages.reduce(.zero) { $0 + $1.exposure.inTime }, held: min(held, greatest.exposure(for: longest)))
  }
}

extension PlanReport.Exposure {
  /// Of a stage with these steps; of one without steps, which leaves the share as it found it, for `shortest`.
  ///
  /// - Parameter deadline: of the stage.
  init(of steps: [PlanReport.Step], at weight: Weight, _ shortest: Interval, until deadline: Interval) {
    let parts = steps.isEmpty ? [(weight, shortest)] : steps.map { ($0.weight, $0.hold) }
    (inTime, held) = (.zero, .zero)
    var time = Interval.zero
    for (weight, hold) in parts where weight < .all {
      held = max(held, inTime + weight.exposure(for: deadline - time))
      inTime = inTime + weight.exposure(for: hold)
      time = time + hold
    }
  }
}

extension Weight {
  /// Share × time, as time of full traffic.
  func exposure(for time: Interval) -> Interval {
    Interval(milliseconds: max(0, time.milliseconds) * Int64(basisPoints) / 10_000)
  }
}
