import Analysis
import Foundation
import Testing

// Every published vector of `Vectors/sequential.json`, by the function it names.

struct SequentialVectorTests {
  static let cases: [Case] = {
    guard let file = try? Vectors.load("sequential.json") else { return [] }
    return file["cases"].list.map(Case.init)
  }()

  struct Case: CustomTestStringConvertible, Sendable {
    var json: JSON
    var testDescription: String { json["id"].text }

    func input(_ name: String) -> Double { json["input"][name].number }
    var tolerance: Double { json["tolerance"].number.isNaN ? 1e-5 : json["tolerance"].number }
  }

  @Test func `all vectors are there`() { #expect(Self.cases.count == 37) }

  @Test(arguments: cases)
  func `what others published comes out`(vector: Case) throws {
    let got = try #require(Self.answer(to: vector), "no function is called \(vector.json["function"].text)")
    let expected = Self.expected(vector)
    #expect(got.count == expected.count)
    for (value, wanted) in zip(got, expected) {
      #expect(isNear(value, wanted.value, wanted.tolerance), "\(value) instead of \(wanted.value)")
    }
  }

  private struct Wanted {
    var value, tolerance: Double
  }

  private static func expected(_ vector: Case) -> [Wanted] {
    let (expected, tolerance) = (vector.json["expected"], vector.tolerance)
    func plain(_ values: [Double]) -> [Wanted] { values.map { Wanted(value: $0, tolerance: tolerance) } }
    func tick(_ name: String) -> Wanted { Wanted(value: expected[name].number, tolerance: 0) }
    switch vector.json["function"].text {
    case "two_arm_count_confidence_sequence":
      let given = vector.json["tolerance"]
      return [
        Wanted(value: expected["p"].number, tolerance: given["p"].number),
        Wanted(value: expected["delta_low"].number, tolerance: given["delta"].number),
        Wanted(value: expected["delta_high"].number, tolerance: given["delta"].number),
      ]
    case "staged_one_sided_count_e_process":
      return plain(expected["log_e"].numbers)
        + [tick("first_reject_tick_alpha_0_01"), tick("first_reject_tick_alpha_0_05")]
    case "staged_pass_side_e_process": return plain(expected["log_e"].numbers) + [tick("first_pass_tick_beta_0_05")]
    case "poisson_maxsprt_group_critical_value":
      let given = vector.json["tolerance"]
      return [
        Wanted(value: expected["cv"].number, tolerance: given["cv"].number),
        Wanted(value: expected["alpha_used"].number, tolerance: given["alpha_used"].number),
      ]
    default: return plain(expected.list.isEmpty ? [expected.number] : expected.numbers)
    }
  }

  private static func answer(to vector: Case) -> [Double]? {
    let name = vector.json["function"].text
    let parts = name.split(separator: ".").map(String.init)
    if parts.count == 2 {
      return mixture(parts[0], vector).map { mixture in
        [
          parts[1] == "bound"
            ? mixture.bound(vector.input("v"), alpha: vector.input("alpha"))
            : mixture.logValue(vector.input("s"), vector.input("v"))
        ]
      }
    }
    if name.hasPrefix("staged") { return staged(vector) }
    return boundary(name, vector) ?? other(name, vector)
  }

  private static func mixture(_ name: String, _ vector: Case) -> MixtureMartingale? {
    let (v, alpha) = (vector.input("v_opt"), vector.input("alpha_opt"))
    let oneSided = MixtureMartingale.bestRho(v, alpha: 2 * alpha)
    switch name {
    case "two_sided_normal": return .twoSidedNormal(rho: MixtureMartingale.bestRho(v, alpha: alpha))
    case "one_sided_normal": return .oneSidedNormal(rho: oneSided)
    case "gamma_exponential": return .gammaExponential(rho: oneSided, c: vector.input("c"))
    case "gamma_poisson": return .gammaPoisson(rho: oneSided, c: vector.input("c"))
    case "beta_binomial":
      return .betaBinomial(
        tightestAt: v, alpha: alpha, g: vector.input("g"), h: vector.input("h"),
        isOneSided: vector.json["input"]["one_sided"].bool)
    default: return nil
    }
  }

  private static func boundary(_ name: String, _ vector: Case) -> [Double]? {
    let alpha = vector.input("alpha")
    switch name {
    case "poly_stitching_bound":
      return [
        Boundaries.polynomialStitching(
          vector.input("v"), alpha: alpha, vMin: vector.input("v_min"), c: vector.input("c"), s: vector.input("s"),
          eta: vector.input("eta"))
      ]
    case "empirical_process_lil_bound":
      return [
        Boundaries.empiricalProcess(
          vector.input("t"), alpha: alpha, tMin: vector.input("t_min"), a: vector.input("A"))
      ]
    case "double_stitching_bound":
      return [
        Boundaries.doubleStitching(
          vector.input("quantile_p"), vector.input("t"), alpha: alpha, tOpt: vector.input("t_opt"),
          delta: vector.input("delta"), s: vector.input("s"), eta: vector.input("eta"))
      ]
    case "bernoulli_confidence_interval":
      let range = Boundaries.share(
        vector.input("num_successes"), of: vector.input("num_trials"), alpha: alpha, tOpt: vector.input("t_opt"),
        alphaOpt: vector.input("alpha_opt"))
      return [range.lowerBound, range.upperBound]
    default: return nil
    }
  }

  private static func other(_ name: String, _ vector: Case) -> [Double]? {
    let alpha = vector.input("alpha")
    switch name {
    case "quantile_ab_p_value":
      let test = QuantileTest(
        quantile: vector.input("quantile_p"), tOpt: vector.input("t_opt"), alphaOpt: vector.input("alpha_opt"))
      return [test.pValue(integers(vector.json["input"]["a"].text), integers(vector.json["input"]["b"].text))]
    case "asymptotic_cs_two_sided":
      return difference(vector).map {
        [$0.estimate, $0.estimate - $0.reach, $0.estimate + $0.reach, $0.standardError, $0.pValue]
      }
    case "asymptotic_cs_one_sided":
      return difference(vector).map {
        [$0.estimate, $0.estimate - $0.oneSidedReach, $0.estimate + $0.oneSidedReach, $0.standardError]
      }
    case "two_arm_count_confidence_sequence":
      var sequence = TwoArmSequence(
        split: vector.json["input"]["rho"][1].number, concentration: vector.input("k"), alpha: alpha)
      for arm in vector.json["input"]["events"].text {
        sequence.add(control: arm == "0" ? 1 : 0, canary: arm == "1" ? 1 : 0)
      }
      return [sequence.pValue, sequence.interval.lowerBound, sequence.interval.upperBound]
    case "poisson_maxsprt_critical_value":
      return [PoissonLimit.criticalValue(horizon: vector.input("T"), least: Int(vector.input("M")), alpha: alpha)]
    case "poisson_maxsprt_group_critical_value":
      let found = PoissonLimit.criticalValue(
        groups: vector.json["input"]["group_sizes"].numbers, least: Int(vector.input("M")), alpha: alpha)
      return [found.limit, found.used]
    default: return nil
    }
  }

  private static func difference(_ vector: Case) -> MeanDifference? {
    func moments(_ arm: String) -> Moments {
      let arm = vector.json["input"][arm]
      return Moments(count: arm["n"].number, sum: arm["sum"].number, squares: arm["sum_squares"].number)
    }
    return MeanDifference(
      control: moments("control"), canary: moments("treatment"),
      relative: vector.json["input"]["difference"].text == "relative", tightestAt: vector.input("N_star"),
      alpha: vector.input("alpha"))
  }

  /// "integers 71..1070"
  private static func integers(_ text: String) -> [Double] {
    let ends = text.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    return (ends[0]...ends[1]).map(Double.init)
  }

  /// The log e-values after each tick, and the ticks at which the limits were first reached.
  private static func staged(_ vector: Case) -> [Double]? {
    let isFail = vector.json["function"].text == "staged_one_sided_count_e_process"
    let test = CountTest(
      tolerate: isFail ? exp(vector.input("delta0")) : 1, detect: 2, alpha: 0.01, beta: 0.05, dispersion: .none)
    var evidence = CountEvidence()
    var values: [Double] = []
    for tick in vector.json["input"]["ticks"].list.map(\.numbers) {
      evidence.add(
        CountLook(canary: ArmCounts(bad: tick[0], all: tick[1]), control: ArmCounts(bad: tick[2], all: tick[3])), test)
      values.append(isFail ? evidence.run.logFail(test, over: 1) : evidence.run.logPass(test, over: 1))
    }
    func first(_ limit: Double) -> Double { values.firstIndex { $0 >= log(1 / limit) }.map { Double($0 + 1) } ?? .nan }
    return values + (isFail ? [first(0.01), first(0.05)] : [first(0.05)])
  }
}
