/// Which look of a run a fault may have begun with: what is staked on each look, and which is suspected.
///
/// Seven tenths are staked on the run's first look. A tenth goes to the first looks of later steps, 1 ÷ k(k − 1) of it to
/// that of step k, and two tenths to all later looks, 1 ÷ √(n − 1) − 1 ÷ √n of it to look n: a fault that comes after hours
/// costs little more evidence than one that comes after minutes. All stakes together are 1.
///
/// *Why the error is kept.* For a start s let E_s be a test martingale of the looks from s on: 1 before s, and from then on
/// the e-value of these looks alone. With stakes w_s that were fixed beforehand M = Σ w_s·E_s is a test martingale too: a
/// mixture of e-processes that each begin at 1 is one. By Ville's inequality it reaches 1/α with chance α at most, however
/// many starts there are and however often one looks. Kept are the term of the run's start, that of one suspected start,
/// chosen from what was seen, and the stakes of starts to come: no more than M at any time. Cf. H. Robbins and D. Siegmund,
/// "Boundary crossing probabilities for the Wiener process and sample sums" (1970), for mixtures; J. Shin, A. Ramdas,
/// A. Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", New England Journal of Statistics
/// in Data Science 2 (2024), for starts that are not known.
package struct Onset: Hashable, Sendable {
  /// Looks so far, all steps together.
  package private(set) var looks = 0
  /// The suspected look's number; 0: none but the first.
  package private(set) var suspect = 0
  private var steps = 1
  private var beginsStep = false
  private(set) var logStake = -Double.infinity

  package init() {}

  /// The next look is the first of a step.
  mutating func beginStep() { beginsStep = looks > 0 }

  /// Counts a look.
  ///
  /// - Parameter logEvidence: ln of the e-value of the looks since the suspected one, without this one.
  /// - Returns: whether the suspicion moves to this look, so that what is kept since the suspected one begins anew.
  mutating func look(_ logEvidence: Double) -> Bool {
    looks += 1
    if beginsStep { steps += 1 }
    let stake = ln(stake)
    beginsStep = false
    guard looks > 1, suspect == 0 || logEvidence + logStake <= stake else { return false }
    suspect = looks
    logStake = stake
    return true
  }

  /// On this look.
  private var stake: Double {
    let (look, step) = (Double(looks), Double(steps))
    let ofLook = Self.onLooks * (1 / (look - 1).squareRoot() - 1 / look.squareRoot())
    return ofLook + (beginsStep ? Self.onSteps / (step * (step - 1)) : 0)
  }

  /// ln of the mixture of the run's evidence with that since the suspected look and with what is staked on looks to come.
  func logMixture(run: Double, late: Double) -> Double {
    guard looks > 0 else { return 0 }
    let toCome = ln(Self.onLooks / Double(looks).squareRoot() + Self.onSteps / Double(steps))
    return logSum(logSum(run + Self.logOnStart, suspect == 0 ? -.infinity : late + logStake), toCome)
  }

  /// Whether the suspected look explains more than the run's first one.
  func isLate(run: Double, late: Double) -> Bool { suspect > 0 && late + logStake > run + Self.logOnStart }

  private static let onSteps = 0.1
  private static let onLooks = 0.2
  static let logOnStart = ln(0.7)
}
