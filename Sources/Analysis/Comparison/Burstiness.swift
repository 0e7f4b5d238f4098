/// How bursty one arm's errors are: variance ÷ mean of the errors of an interval, given its load.
///
/// Each pair of neighbouring intervals gives (rate₁ − rate₂)² ÷ (p(1/n₁ + 1/n₂)), p their common rate, whose mean is the
/// dispersion index. Neighbours are compared, and not all with their mean, so that a slow drift of the rate, or an outage
/// that begins and ends, does not pass for burstiness.
struct Burstiness: Hashable, Sendable {
  private var before: ArmCounts?
  private var sum = 0.0
  /// Those with errors: others tell nothing.
  private(set) var pairs = 0.0

  mutating func add(_ arm: ArmCounts) {
    defer { before = arm }
    guard let before, before.all > 0, arm.all > 0, before.bad + arm.bad > 0 else { return }
    let rate = (before.bad + arm.bad) / (before.all + arm.all)
    let difference = before.bad / before.all - arm.bad / arm.all
    let term = difference * difference / (rate * (1 / before.all + 1 / arm.all))
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

  /// The estimate as it is, at least 1; 1 before there is any.
  var estimate: Double { pairs > 0 ? max(1, sum / pairs) : 1 }

  /// What both together have shown.
  func joined(with other: Burstiness) -> Burstiness {
    var both = self
    both.sum += other.sum
    both.pairs += other.pairs
    return both
  }
}

/// How bursty the errors of a comparison are: those of the control, which nothing that the canary does can change.
///
/// Where the canary has shown errors more often, as where the control has none at all, both arms together tell.
struct ArmBursts: Hashable, Sendable {
  private var control = Burstiness()
  private var canary = Burstiness()

  mutating func add(_ look: CountLook) {
    control.add(look.control)
    canary.add(look.canary)
  }

  private var telling: Burstiness { control.pairs >= canary.pairs ? control : control.joined(with: canary) }

  /// See `Burstiness`.
  var index: Double { telling.index }
  var estimate: Double { telling.estimate }
}
