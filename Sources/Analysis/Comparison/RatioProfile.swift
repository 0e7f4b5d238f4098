/// The likelihood of ratios of rates on a fixed grid, for bounds that hold at all times.
///
/// For a hypothesis "at most r" the grid's ratios above r are the alternatives, equally weighted; r is ruled out once
/// their mixture reaches 1/α. The bound is the highest ratio of the grid that is ruled out, so it errs to the safe side.
struct RatioProfile: Hashable, Sendable {
  private static let grid: [Double] = [0.25, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.4, 1.6, 2, 2.5, 3.2, 5, 8, 16]
  private static let ratios = SIMD16<Double>(grid)
  private static let logs = SIMD16<Double>(grid.map { ln($0) })

  /// How far bursts reach, for each ratio against each hypothesis.
  private static let reaches = grid.map { null in SIMD16<Double>(grid.map { BurstReach.of($0 / null) }) }

  /// ln of the likelihood of each ratio, less that of ratio 1.
  private var logLikelihoods = SIMD16<Double>()

  @inline(__always)
  static func gain(_ look: CountLook) -> SIMD16<Double> {
    let share = look.canary.all / (look.canary.all + look.control.all)
    let pooled = look.canary.bad + look.control.bad
    let ratios = Self.ratios
    var gain = Self.logs * look.canary.bad
    for lane in 0..<16 { gain[lane] -= pooled * ln1p(share * (ratios[lane] - 1)) }
    return gain
  }

  @inline(__always)
  mutating func add(_ gain: SIMD16<Double>) { logLikelihoods += gain }

  /// The highest ratio r for which "at most r" is ruled out; 0: none.
  func lowerBound(_ alpha: Double, dispersion: Double) -> Double {
    let bound = -ln(alpha)
    var highest = logLikelihoods[15]
    for null in (0..<15).reversed() {
      let lead = highest - logLikelihoods[null]
      if lead >= bound * dispersion, isRuledOut(null, by: null + 1..<16, dispersion, bound) { return Self.grid[null] }
      highest = max(highest, logLikelihoods[null])
    }
    return 0
  }

  /// The lowest ratio r for which "at least r" is ruled out; infinite: none.
  func upperBound(_ beta: Double, dispersion: Double) -> Double {
    let bound = -ln(beta)
    var highest = logLikelihoods[0]
    for null in 1..<16 {
      let lead = highest - logLikelihoods[null]
      if lead >= bound * dispersion, isRuledOut(null, by: 0..<null, dispersion, bound) { return Self.grid[null] }
      highest = max(highest, logLikelihoods[null])
    }
    return .infinity
  }

  /// A mixture is no more than the largest of its terms, and none of them more than its lead ÷ the dispersion: most
  /// hypotheses need not be asked.
  private func isRuledOut(
    _ null: Int, by alternatives: Range<Int>, _ dispersion: Double, _ bound: Double
  ) -> Bool {
    let terms = (logLikelihoods - logLikelihoods[null]) / (1 + (dispersion - 1) * Self.reaches[null])
    var highest = -Double.infinity
    for lane in alternatives { highest = max(highest, terms[lane]) }
    let needed = bound + ln(Double(alternatives.count))
    if highest < bound || highest >= needed { return highest >= needed }
    var sum = 0.0
    for lane in alternatives { sum += share(terms[lane] - highest) }
    return highest + ln(sum) >= needed
  }
}
