/// How bursty the control's errors are: variance ÷ mean of the errors of an interval, given its load.
///
/// Each pair of neighbouring intervals gives (rate₁ − rate₂)² ÷ (p(1/n₁ + 1/n₂)), p their common rate, whose mean is the
/// dispersion index. Neighbours are compared, and not all with their mean, so that a slow drift of the rate, or an outage
/// that begins and ends, does not pass for burstiness.
struct Burstiness: Hashable, Sendable {
  private var before: ArmCounts?
  private var sum = 0.0
  private var pairs = 0.0

  mutating func add(_ control: ArmCounts) {
    defer { before = control }
    guard let before, before.all > 0, control.all > 0, before.bad + control.bad > 0 else { return }
    let rate = (before.bad + control.bad) / (before.all + control.all)
    let difference = before.bad / before.all - control.bad / control.all
    sum += difference * difference / (rate * (1 / before.all + 1 / control.all))
    pairs += 1
  }

  /// 1 while the estimate could be chance; otherwise the estimate with its own uncertainty added, so that a burst of
  /// luck in the control is not held against the canary.
  var index: Double {
    guard pairs > 0 else { return 1 }
    let estimate = sum / pairs
    // Neighbouring pairs share an interval, so they count for two thirds of their number.
    let spread = (3 / pairs).squareRoot()
    return estimate > 1 + Self.doubt * spread ? estimate * (1 + Self.margin * spread) : 1
  }

  private static let doubt = 1.3
  private static let margin = 0.6
}
