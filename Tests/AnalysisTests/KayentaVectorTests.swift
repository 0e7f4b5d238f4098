import Analysis
import Foundation
import PipelineModel
import Testing

// The published vectors of Kayenta's judge, in `Vectors/kayenta.json`.

struct KayentaVectorTests {
  static let file = (try? Vectors.load("kayenta.json")) ?? .null

  struct Case: CustomTestStringConvertible, Sendable {
    var json: JSON
    var testDescription: String { json["name"].text + json["id"].text }
  }

  private static func cases(_ name: String) -> [Case] { file[name].list.map(Case.init) }

  @Test func `all vectors are there`() {
    let sizes = [
      "metric_classifier", "mann_whitney", "outlier_detectors", "weighted_sum_scorer", "statistics", "transforms",
    ].map { Self.file[$0].list.count }
    #expect(sizes == [21, 6, 2, 9, 11, 2])
  }

  // MARK: One metric

  @Test(arguments: cases("metric_classifier"))
  func `a metric gets the label it gets there`(vector: Case) {
    let json = vector.json
    guard json["classifier"].text == "MannWhitneyClassifier" else { return meanInequality(json) }
    let verdict = Self.judge(json).judge(canary: json["experiment"].numbers, control: json["control"].numbers)
    let expected = json["expected"]
    if !expected["classification"].isNull { #expect(verdict.label.rawValue == expected["classification"].text) }
    if !expected["critical"].isNull { #expect(verdict.isCritical == expected["critical"].bool) }
    if !expected["deviation"].isNull { #expect(isNear(verdict.meanRatio, expected["deviation"].number, 1e-9)) }
    let port = json["port"]
    if !port["ci"].isNull {
      #expect(isNear(verdict.shift?.low ?? .nan, port["ci"][0].number, 1e-12))
      #expect(isNear(verdict.shift?.high ?? .nan, port["ci"][1].number, 1e-12))
      #expect(isNear(verdict.shift?.estimate ?? .nan, port["estimate"].number, 1e-12))
      #expect(isNear(verdict.effect, port["effectSize"].number, 1e-12))
    }
  }

  /// A classifier by means alone, which no judge of theirs uses any more: equal means pass.
  private func meanInequality(_ json: JSON) {
    #expect(Samples.mean(json["experiment"].numbers) == Samples.mean(json["control"].numbers))
    #expect(json["expected"]["classification"].text == "Pass")
  }

  private static func judge(_ json: JSON) -> RankSumJudge {
    let config = json["config"]
    func allowed(_ name: String) -> RankSumJudge.Allowed {
      RankSumJudge.Allowed(decrease: config[name][0].number, increase: config[name][1].number)
    }
    return RankSumJudge(
      tolerance: config["tolerance"].number, confidence: config["confLevel"].number,
      direction: RankSumJudge.Direction(rawValue: json["direction"].text) ?? .either,
      missing: RankSumJudge.Missing(rawValue: json["nanStrategy"].text) ?? .remove,
      effect: RankSumJudge.Effect(rawValue: config["effectSizeMeasure"].text) ?? .meanRatio,
      allowed: allowed("effectSizeThresholds"), critical: allowed("criticalThresholds"),
      isCritical: json["isCriticalMetric"].bool)
  }

  @Test(arguments: cases("mann_whitney"))
  func `the test gives the numbers it gives there`(vector: Case) throws {
    let json = vector.json
    func values(_ name: String, _ reference: String) -> [Double] {
      json[reference].isNull ? json[name].numbers : Self.file["arrays"][json[reference].text].numbers
    }
    let x = values("experiment", "x_ref")
    let y = values("control", "y_ref")
    let expected = json["expected"]
    if json["function"].text == "wilcoxonDiff" {
      let z = try #require(RankSumTest.z(x, y, shift: json["mu"].number))
      #expect(isNear(z - json["quantile"].number, expected.number, json["tolerance"].number))
      return
    }
    let shift = try #require(RankSumTest.shift(x, y, confidence: json["confidenceLevel"].number))
    let isInside = json["function"].text == "intermediates"
    let tolerance = isInside ? json["tolerance"].number : json["tolerance"]["ci"].number
    #expect(isNear(shift.low, expected[isInside ? "ciLower" : "ciLow"].number, tolerance))
    #expect(isNear(shift.high, expected[isInside ? "ciUpper" : "ciHigh"].number, tolerance))
    let loose = isInside ? tolerance : json["tolerance"]["estimate"].number
    #expect(isNear(shift.estimate, expected["estimate"].number, loose))
    guard isInside else { return }
    let lowest = expected["muMin"].number
    let quantile = expected["zqLower"].number
    #expect(isNear((RankSumTest.z(x, y, shift: lowest) ?? .nan) - quantile, expected["fLower_at_zqLower"].number, 1e-6))
  }

  // MARK: Around it

  @Test(arguments: cases("outlier_detectors"))
  func `outliers are those that are outliers there`(vector: Case) throws {
    let data = vector.json["data"].numbers
    let fences = OutlierFences(
      factor: vector.json["factor"].number, isCautious: vector.json["reduceSensitivity"].bool)
    let bounds = try #require(fences.bounds(data))
    #expect(data.map { !bounds.contains($0) } == vector.json["expected_outlier_mask"].list.map(\.bool))
  }

  @Test(arguments: cases("transforms"))
  func `values are made ready as they are there`(vector: Case) {
    let json = vector.json
    let values = json["in"].numbers
    switch json["op"].text {
    case "replaceNaNs": #expect(Samples.replacing(values, by: json["value"].number) == json["expected"].numbers)
    case "removeOutliersKSigma":
      let fences = OutlierFences(factor: json["k"].number, by: .deviations)
      #expect(fences.removed(from: values) == json["expected"].numbers)
    default: Issue.record("no transform is called \(json["op"].text)")
    }
  }

  @Test(arguments: cases("weighted_sum_scorer"))
  func `a scorecard sums up as it does there`(vector: Case) {
    let json = vector.json
    var weights: [String: Double] = [:]
    if case .object(let given) = json["groupWeights"] { weights = given.mapValues(\.number) }
    let entries = json["metrics"].list.map { metric in
      Scorecard.Entry(
        groups: metric["groups"].list.map(\.text),
        label: RankSumJudge.Label(rawValue: metric["classification"].text) ?? .noDataFail,
        isCritical: metric["critical"].bool)
    }
    let score = Scorecard(weights: weights).score(entries)
    #expect(score.summary == json["expected_summary_score"].number)
    guard case .object(let groups) = json["port_group_scores"] else { return }
    for (name, value) in groups { #expect(isNear(score.groups[name] ?? .nan, value.number, 1e-9)) }
  }

  @Test(arguments: cases("statistics"))
  func `plain statistics come out as there`(vector: Case) throws {
    let json = vector.json
    let tolerance = json["tolerance"].number.isNaN ? 1e-4 : json["tolerance"].number + 1e-12
    let (canary, control) = (json["experiment"].numbers, json["control"].numbers)
    switch json["function"].text {
    case "summary":
      let values = json["values"].numbers
      #expect(Samples.mean(values) == json["expected"]["mean"].number)
      #expect(isNear(Samples.deviation(values), json["expected"]["std"].number, tolerance))
    case "percentile":
      let value = Samples.percentile(json["p"].number, ofSorted: json["values"].numbers.sorted())
      #expect(isNear(value, json["expected"].number, tolerance))
    case "meanRatio":
      #expect(isNear(Samples.meanRatio(canary: canary, control: control), json["expected"].number, tolerance))
    case "cles":
      let share = Samples.commonLanguageEffect(canary: canary, control: control)
      #expect(isNear(share, json["expected"].number, tolerance))
    default: Issue.record("no function is called \(json["function"].text)")
    }
  }

  @Test(arguments: file["final_judgement_kayenta_standalone"]["cases"].list.map(Case.init))
  func `a score passes where it passes there`(vector: Case) {
    let json = vector.json
    let pass = json["pass"].isNull ? (json["marginal"].isNull ? 0 : json["marginal"].number) : json["pass"].number
    let marginal = json["marginal"].isNull ? pass : json["marginal"].number
    let judgement = Scorecard(pass: pass, marginal: marginal).judgement(json["finalScore"].number)
    #expect((judgement == .pass) == json["didPass"].bool)
  }
}
