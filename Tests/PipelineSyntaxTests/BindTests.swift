import PipelineModel
import Testing

@testable import PipelineSyntax

/// Values given for a run, against the parameters of its pipeline.
@Suite struct BindTests {
  private let pipeline = Pipeline(
    name: "p", target: Target(service: "s", environment: "e"),
    parameters: [
      Parameter(name: "version", required: true, pattern: "[0-9a-f]{7}"),
      Parameter(name: "share", kind: .percentage, default: "5%"), Parameter(name: "ticket"),
    ], stages: [Stage(name: "w", work: .wait(.minutes(1)))])

  @Test func `defaults are filled in`() {
    #expect(pipeline.bind(["version": "abcdef0"]).values == ["version": "abcdef0", "share": "5%", "ticket": ""])
  }

  @Test func `everything wrong is told at once`() {
    let binding = pipeline.bind(["verison": "1", "share": "lots"])
    #expect(binding.values == nil)
    #expect(
      binding.problems.map(\.description) == [
        "unknown parameter `verison`, did you mean `version`?",
        "`share`: `lots` is not a percentage; write for example `5%` or `0.5%`",
      ])
  }

  @Test func `what is missing is told`() {
    #expect(pipeline.bind([:]).problems.map(\.description) == ["`version` is missing; give it with `--set version=…`"])
  }

  @Test func `a value must match the whole pattern`() {
    #expect(pipeline.bind(["version": "abcdef0; rm -rf /"]).problems.count == 1)
    #expect(pipeline.bind(["version": "abcdef0\n"]).problems.count == 1)
  }

  @Test func `a pipeline that moves traffic needs a version even when it does not say so`() {
    let route = RouteName(router: "a", route: "b")
    let stage = Stage(name: "c", work: .canary(Canary(route: route, steps: [.init(weight: .all, hold: .zero)])))
    let silent = Pipeline(name: "p", target: Target(service: "s", environment: "e"), stages: [stage])
    #expect(silent.bind([:]).problems.map(\.parameter) == ["version"])
    #expect(silent.bind(["version": "7"]).values == ["version": "7"])
  }

  // MARK: Values that become part of a text

  /// `version` is in a query and a command, `folder` in a directory, `note` in a variable, `branch` has a pattern.
  private let substituting = Pipeline(
    name: "p", target: Target(service: "s", environment: "e"),
    parameters: [
      Parameter(name: "folder", default: "my things"), Parameter(name: "note"),
      Parameter(name: "branch", pattern: "[a-z]+( [a-z]+)*"), Parameter(name: "share", kind: .percentage),
    ],
    metrics: [
      Metric(
        name: "errors", provider: "p",
        query: Template(parts: [.text("x{v=\""), .variable("version"), .text("\"}")]),
        rule: .threshold(.init(pass: .value)))
    ],
    stages: [
      Stage(
        name: "smoke test",
        work: .check(
          Check(
            command: Template(parts: [.text("test "), .variable("version"), .variable("branch"), .variable("share")]),
            environment: [.init(name: "NOTE", value: Template(parts: [.variable("note")]))],
            directory: Template(parts: [.variable("folder")]))))
    ])

  @Test(arguments: [
    "1; touch X", #"x"} or vector(0) #"#, "$(id)", "`id`", "a b", "a\nb", "a'b", "a|b", "a&b", "a>b", "é", "a\\b", "*",
  ])
  func `a version cannot end the text it becomes part of`(version: String) {
    let binding = substituting.bind(["version": version, "share": "1%"])
    #expect(binding.values == nil)
    #expect(binding.problems.map(\.parameter) == ["version"])
  }

  @Test func `the problem says what, why, and two ways out`() {
    #expect(
      substituting.bind(["version": "1; touch X", "share": "1%"]).problems.map(\.description) == [
        "`version`: `;` is not allowed in it, since the value becomes part of the command of the check `smoke test`; "
          + "say by `pattern:` under `parameters:` what `version` may be, or let the command read "
          + #"`"$HEADGATE_VERSION"` instead of `${version}`"#
      ])
    #expect(
      substituting.bind(["version": "-rf", "share": "1%"]).problems.first?.message
        == "`version`: `-` is not allowed at the beginning, since the value becomes part of the command of the check "
        + "`smoke test`")
    #expect(
      substituting.bind(["version": "1", "folder": "../$x", "share": "1%"]).problems.map(\.description) == [
        "`folder`: `$` is not allowed in it, since the value becomes part of the directory of the check `smoke test`; "
          + "say by `pattern:` under `parameters:` what `folder` may be"
      ])
  }

  @Test(arguments: ["4711", "v1.2.3-rc.1+b7", "registry.example:5000/shop@sha256:0af", "a_b", ""])
  func `what versions look like is let through`(version: String) {
    #expect(substituting.bind(["version": version, "share": "1%"]).values?["version"] == version)
  }

  @Test func `a pattern, a variable and a default are their author's word`() {
    let values = ["version": "1", "share": "1%", "branch": "a b", "note": #"; "$(x)"#]
    #expect(substituting.bind(values).problems == [])
    // What is bound once is bound again by whoever starts the run.
    #expect(substituting.bind(substituting.bind(values).values ?? [:]).values?["folder"] == "my things")
  }

  @Test func `the stable version was a version once`() {
    var pipeline = substituting
    pipeline.metrics[0].query = Template(parts: [.variable("stable")])
    pipeline.stages = [Stage(name: "w", work: .wait(.minutes(1)))]
    #expect(pipeline.bind(["version": #"a"b"#, "share": "1%"]).problems.map(\.parameter) == ["version"])
  }
}
