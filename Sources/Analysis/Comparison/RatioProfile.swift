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
    for null in (0..<15).reversed() where isRuledOut(null, by: null + 1..<16, dispersion, -ln(alpha)) {
      return Self.grid[null]
    }
    return 0
  }

  /// The lowest ratio r for which "at least r" is ruled out; infinite: none.
  func upperBound(_ beta: Double, dispersion: Double) -> Double {
    for null in 1..<16 where isRuledOut(null, by: 0..<null, dispersion, -ln(beta)) { return Self.grid[null] }
    return .infinity
  }

  private func isRuledOut(
    _ null: Int, by alternatives: Range<Int>, _ dispersion: Double, _ bound: Double
  ) -> Bool {
    let terms = (logLikelihoods - logLikelihoods[null]) / (1 + (dispersion - 1) * Self.reaches[null])
    // A mixture is no more than the largest of its terms.
    guard alternatives.contains(where: { terms[$0] >= bound }) else { return false }
    return logSumExp(alternatives.lazy.map { terms[$0] }) - ln(Double(alternatives.count)) >= bound
  }
}
