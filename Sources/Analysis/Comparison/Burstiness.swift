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
    let term = difference * difference / (rate * (1 / before.all + 1 / control.all))
    // A leap, as an outage begins or ends with one, counts as a large burst and no more.
    sum += pairs < 3 ? term : min(term, 10 * max(1, sum / pairs))
    pairs += 1
  }

  /// What the evidence is divided by: the estimate, more of it while it rests on little, and much before there is any.
  ///
  /// Tuned by `headgate lab accuracy` so that bursts of three on average raise no more false alarms than promised, while
  /// errors that come one by one are seen nearly as soon as without a correction.
  var index: Double {
    guard pairs > 0 else { return Self.unknown }
    let estimate = sum / pairs
    // Neighbouring pairs share an interval, so they count for two thirds of their number.
    let spread = (3 / pairs).squareRoot()
    let isBursty = estimate > 1 + 1.2 * spread
    let careful = isBursty ? estimate * (1 + 1.2 * spread) : max(1, estimate * (1 + 0.4 * spread))
    return careful + 8 / (pairs * pairs.squareRoot())
  }

  private static let unknown = 10.0
}
