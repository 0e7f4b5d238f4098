import Foundation
import PipelineModel
import Testing

@testable import PipelineSyntax

// A pipeline comes back from its form as it was; what is no form gives none, and does no harm.

@Suite struct FormTests {
  private static let folder = Golden.folder.appending(path: "../../Pipelines").standardizedFileURL

  private func pipelines() throws -> [Pipeline] {
    let files = try FileManager.default.subpathsOfDirectory(atPath: Self.folder.path()).sorted()
    return try files.filter { $0.hasSuffix("pipeline.yaml") }.compactMap { file in
      try PipelineParser().parse(SourceFile.read(Self.folder.appending(path: file).path())).value
    }
  }

  private func back(_ bytes: [UInt8]) -> Pipeline? { bytes.withUnsafeBytes { PipelineForm.pipeline(in: $0) } }

  /// Every kind of rule, of condition, of stage.
  private let everything: Pipeline = {
    let condition = Condition.call(
      .default,
      [
        .quantified(.any, over: .field(.value, "name"), rule: .not(.binary(.lessOrEqual, .element, .number(-0.5)))),
        .negate(.index(.value, 3)), .bool(true), .text(""),
      ])
    let threshold = Metric.Threshold(pass: condition, passText: "value")
    let objective = Objective(
      name: "slo", target: 0.999, rules: [.init(factor: 3.4, long: .hours(2), short: .minutes(10))], missing: .zero)
    var rules: [Metric.Rule] = [
      .threshold(threshold), .comparison(Comparison(dispersion: .given(1.5), limit: 0.1)),
      .comparison(Comparison(dispersion: .none, negligible: 0.002, missing: .zero)),
      .relative(Relative(threshold: threshold, minimum: 50)),
      .samples(SampleComparison(.quantile(0.99), worse: .lower)),
      .samples(SampleComparison(.mean, detect: 3)),
      .rankSum(RankSum(direction: .decrease, effect: .cles, missing: .zero, outlierFactor: 3, groups: ["a"])),
      .burnRate(objective), .budget(objective, .security),
    ]
    rules.append(.threshold(.init(fail: .value)))
    var metrics = rules.enumerated().map { number, rule in
      Metric(
        name: "m\(number)", provider: "p", query: Template(parts: [.text("q"), .variable("version")]),
        range: .init(over: .minutes(5), step: .seconds(15)), interval: .minutes(1), rule: rule, onNoData: .fail)
    }
    let roles: [Question.Role] = [
      .bad(.canary), .good(.control), .all(.canary), .value(.control), .badOver(.hours(1)), .allOver(.hours(72)),
      .goodOver(.hours(1)), .ratioOver(.hours(6)), .sum(.canary), .squares(.control),
    ]
    metrics[0].fallback = .init(provider: "f", query: Template(text: "q"))
    metrics[1].questions = roles.map { Question($0, Template(text: "q"), interval: .seconds(30)) }
    let gate = Gate(
      metrics: Array(metrics.indices), every: .minutes(1), allow: Allowance(failuresInARow: 2), patience: .hours(1),
      score: Scoring(pass: 90, marginal: 50, weights: [.init(group: "a", percent: 30)]))
    let watch = Watch(gate: gate, hold: .hours(24))
    let route = RouteName(router: "edge", route: "shop")
    let works: [Stage.Work] = [
      .check(Check(command: Template(text: "make"), environment: [.init(name: "A", value: Template(text: "b"))])),
      .approve(Approval(from: ["lead"], approvals: 2, excludeRequester: true)), .verify(watch), .wait(.hours(720)),
      .canary(
        Canary(
          route: route,
          previews: [
            .init(header: HeaderMatch(header: "h", value: "v"), mirror: .percent(10), hold: .zero, gate: gate)
          ],
          steps: [.init(weight: .percent(5), hold: .minutes(15), gate: gate)], background: gate)),
      .step(
        StepCall(
          step: StepName(runner: "r", step: "s"),
          with: [
            .init(name: "a", value: .list([.text(Template(text: "b")), .map([.init(name: "c", value: .list([]))])]))
          ], retries: 2)),
      .flag(FlagRamp(key: "new", environment: "e", variant: "b", from: "a", steps: [], background: gate)),
      .blueGreen(BlueGreen(route: route, deploy: "local", preSwitch: watch)),
    ]
    return Pipeline(
      name: "all", target: Target(service: "shop", environment: "production"), owner: "team",
      parameters: [Parameter(name: "version", kind: .duration, required: true, pattern: "[0-9]+", default: "1")],
      metrics: metrics, stages: works.map { Stage(name: "s", work: $0, onFailure: .hold, switchesOff: route) },
      whenBusy: .supersede,
      notify: [Subscription(notifier: "chat", events: [.held, .started])])
  }()

  @Test func `every pipeline we ship comes back as it was`() throws {
    let pipelines = try pipelines()
    #expect(pipelines.count >= 6)
    for pipeline in pipelines {
      let form = try #require(PipelineForm.bytes(of: pipeline), "\(pipeline.name) has no form: see `PipelineForm`")
      #expect(back(form) == pipeline)
    }
  }

  @Test func `every kind of rule, condition and stage comes back as it was`() throws {
    let form = try #require(PipelineForm.bytes(of: everything))
    #expect(back(form) == everything)
  }

  @Test func `a form that was cut off, or has more to it, gives no pipeline`() throws {
    let form = try #require(PipelineForm.bytes(of: everything))
    for length in 0..<form.count { #expect(back(Array(form.prefix(length))) == nil) }
    #expect(back(form + [0]) == nil)
  }

  @Test func `a changed byte never gives the same pipeline, and does no harm`() throws {
    let form = try #require(PipelineForm.bytes(of: everything))
    for position in form.indices {
      for change in [UInt8(1), 0x80, 0xFF] {
        var changed = form
        changed[position] ^= change
        let isSame = back(changed) == everything
        // Yes and no, there and not there, are told by whether a byte is 0.
        if form[position] != 1 { #expect(!isSame, "byte \(position)") }
      }
    }
  }

  @Test func `conditions within conditions have a form up to a depth, and do no harm beyond it`() throws {
    for (depth, hasForm) in [(190, true), (200, false), (2000, false)] {
      let deep = (0..<depth).reduce(Condition.value) { inner, _ in .not(inner) }
      var pipeline = everything
      pipeline.metrics[0].rule = .threshold(.init(pass: deep))
      #expect((PipelineForm.bytes(of: pipeline) != nil) == hasForm)
    }
  }
}
