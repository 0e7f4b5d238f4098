import PipelineModel

extension StepDecision {
  /// - Parameter patience: how much longer than the hold the gate may wait while it is undecided.
  func sentence(over hold: Interval, _ patience: Interval = .zero) -> String {
    let told = "\(metric): \(failing)\(passing)"
    let most = hold + patience
    if fits(hold) != false { return told + chance(over: most) }
    if fits(most) == true { return "\(told); not within \(hold), but within the \(patience) that it may wait longer" }
    let more = patience > .zero ? " and \(patience) more" : ""
    return "\(told); it cannot decide within \(hold)\(more), \(mend(over: most))"
  }

  /// What is expected does not always come: when it nearly always does.
  private func chance(over time: Interval) -> String {
    guard requests != nil, usualRate != nil else { return "" }
    guard let recommendedHold else { return "; now and then it cannot tell, however long it looks" }
    return recommendedHold > time ? "; nine in ten are decided within \(recommendedHold)" : ""
  }

  private var failing: String {
    if usualRate == 0 { return "nothing bad is expected, " }
    return "a version \(plain(detect))× as bad is failed after about \(Self.count(errorsToFail)) bad requests in both "
      + "arms\(Self.about(timeToFail, longToFail)), "
  }

  private var passing: String {
    if usualRate == 0, !passesAsNegligible {
      return "so that no ratio can be judged, and nothing is `negligible`: a good one never passes"
    }
    let need =
      passesAsNegligible
      ? "\(Self.count(requestsToPass)) requests of its own with next to none bad" : Self.count(errorsToPass)
    return "a good one passes after \(need)\(Self.about(timeToPass, longToPass))"
  }

  /// What would let it decide; without the metric's name.
  func mend(over hold: Interval) -> String {
    let often = oftener.map { "look every \($0), since few looks tell little of bursts" }
    let long = recommendedHold.map { "raise the hold to about \($0)" }
    let other = laxer.first { $0.time <= hold }.map { "detect \(plain($0.detect))x" }
    let mends = [often, long, other].compactMap(\.self)
    if often != nil || long != nil { return mends.joined(separator: ", or ") }
    return "nor within any hold with this traffic: " + (other ?? "give it a larger share, or `negligible`")
  }

  private static func about(_ time: Interval?, _ long: Interval?) -> String {
    guard let time else { return "" }
    guard let long, long.roughly > time.roughly else { return ", about \(time.roughly)" }
    return ", about \(time.roughly), \(long.roughly) when it is quiet"
  }

  private static func count(_ value: Double) -> String { value < 1e9 ? "\(Int(value.rounded(.up)))" : "endlessly many" }
}
