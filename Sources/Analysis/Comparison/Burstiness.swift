/// How bursty counts are: the variance of what is counted in an interval ÷ what it would be if it came one by one.
///
/// Of errors among requests, and of one arm's requests among those of both. Each pair of neighbouring intervals gives
/// (rate₁ − rate₂)² ÷ (p(1 − p)(1/n₁ + 1/n₂)), p their common rate, whose mean is the dispersion index. Neighbours are
/// compared, and not all with their mean, so that a slow drift of the rate, or an outage that begins and ends, does not
/// pass for burstiness.
struct Burstiness: Hashable, Sendable {
  private var before: ArmCounts?
  private var sum = 0.0
  /// Counted in the pairs; where nearly all count, those that do not.
  private var events = 0.0
  /// Those with events: others tell nothing.
  private(set) var pairs = 0.0

  mutating func add(_ arm: ArmCounts) {
    defer { before = arm }
    guard let before, before.all > 0, arm.all > 0 else { return }
    let rate = (before.bad + arm.bad) / (before.all + arm.all)
    guard rate > 0 else { return }
    defer { pairs += 1 }
    // Where everything failed, nothing varies.
    guard rate < 1 else { return }
    let difference = before.bad / before.all - arm.bad / arm.all
    let term = difference * difference / (rate * (1 - rate) * (1 / before.all + 1 / arm.all))
    // A leap, as an outage begins or ends with one, counts as a large burst and no more.
    sum += min(term, pairs < 3 ? Self.largestLeap : 10 * max(1, sum / pairs))
    events += (before.bad + arm.bad) * (1 - rate)
  }

  /// What a leap counts for at most before it is known what is usual: as much as bursts of sixty on average.
  private static let largestLeap = 120.0

  /// The next interval is no neighbour of those before.
  mutating func interrupt() { before = nil }

  /// The estimate as it is, at least 1; 1 before there is any.
  var estimate: Double { pairs > 0 ? max(1, index(of: sum / pairs)) : 1 }

  /// The mean of the pairs as an index: a pair in which there are hardly more events than make a burst shows too little of
  /// it. Of N bursts with sizes that vary as waiting times do, it shows N ÷ (N + 1).
  private func index(of mean: Double) -> Double {
    guard mean > 1 else { return mean }
    return 1 + (mean - 1) / max(0.25, 1 - (mean - 1) * pairs / (2 * events))
  }

  /// What the evidence is divided by: the estimate, more of it while it rests on little, and much before there is any.
  var index: Double { pairs > 0 ? Self.divisor(index(of: sum / pairs), pairs: pairs, events: events) : Self.unknown }

  /// What evidence is divided by where so many pairs, with so many events, have come to an estimate.
  ///
  /// Tuned by `headgate lab accuracy` so that bursts of three, ten and thirty on average raise no more false alarms than
  /// promised, while errors that come one by one are seen nearly as soon as without a correction.
  static func divisor(_ estimate: Double, pairs: Double, events: Double) -> Double {
    // Neighbouring pairs share an interval, so they count for two thirds of their number.
    let spread = (3 / pairs).squareRoot()
    // The fewer the bursts, the more the terms of a pair vary: three more for each burst that a pair lacks.
    let crowding = estimate > 1 ? 3 * (estimate - 1) * pairs / events : 0
    let burstySpread = spread * (1 + crowding).squareRoot()
    let isBursty = estimate > 1 + 1.2 * spread
    let careful = isBursty ? estimate * (1 + burstySpread) : max(1, estimate * (1 + 0.4 * burstySpread))
    return careful + unknown / (pairs * pairs * pairs.squareRoot())
  }

  /// Before there is any pair.
  static let unknown = 40.0

  /// What both together have shown.
  func joined(with other: Burstiness) -> Burstiness {
    var both = self
    both.sum += other.sum
    both.events += other.events
    both.pairs += other.pairs
    return both
  }
}

/// How bursty the errors of a comparison are.
///
/// Against the canary speaks what the control has shown, which nothing that the canary does can change; where the canary has
/// shown errors more often, as where the control has none at all, both arms together. For it speaks no more than what the
/// burstier of the two allows.
struct ArmBursts: Hashable, Sendable {
  private var control = Burstiness()
  private var canary = Burstiness()

  mutating func add(_ look: CountLook) {
    control.add(look.control)
    canary.add(look.canary)
  }

  private var telling: Burstiness { control.pairs >= canary.pairs ? control : control.joined(with: canary) }

  /// What speaks against the canary is divided by; see `Burstiness`.
  var index: Double { telling.index }

  /// The same as it is, however little it rests on.
  var estimate: Double { telling.estimate }

  /// What evidence is divided by.
  struct Divisors: Hashable {
    /// What speaks against the canary.
    var against: Double
    /// What speaks for it beside the control.
    var beside: Double
    /// Its own quiet, where next to no errors are the rule.
    var ofQuiet: Double

    init(against: Double, beside: Double, ofQuiet: Double) {
      (self.against, self.beside, self.ofQuiet) = (against, beside, ofQuiet)
    }

    init(all divisor: Double) { self.init(against: divisor, beside: divisor, ofQuiet: divisor) }
  }

  var divisors: Divisors {
    let against = index
    let ofCanary = canary.ofQuiet(canary.index)
    return Divisors(
      against: against, beside: max(against, ofCanary), ofQuiet: max(control.ofQuiet(control.index), ofCanary))
  }
}

extension Burstiness {
  /// Quiet between bursts is no proof that there are none, so as long as little is known of bursts, those of three on
  /// average are reckoned with.
  fileprivate func ofQuiet(_ index: Double) -> Double { min(index, max(Self.leastOfQuiet, estimate)) }

  /// Twice the size of such bursts.
  static let leastOfQuiet = 6.0
}
