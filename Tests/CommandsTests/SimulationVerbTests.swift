import Foundation
import LiveRig
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// `simulate` and `test`: production's engine in virtual time.
@Suite struct SimulationVerbTests {
  private let headgate = HeadgateProgram(in: Scratch.fixtures)

  @Test func `simulate tells a bad release's end, and the same seed gives the same`() async throws {
    let arguments = ["simulate", Scratch.shop, "--scenario", Scratch.scenario("bad"), "--seed", "1"]
    let first = try await headgate.run(arguments)
    #expect(first.code == 0)
    #expect(first.out.contains("the gate failed"))
    #expect(first.out.contains("rolled back"))
    #expect(first.out.contains("(seed 1)"))
    #expect(try await headgate.run(arguments).out == first.out)
  }

  private struct Report: Decodable {
    var outcome: String
    var highestWeight: Double
    var timeline: [Line]
    struct Line: Decodable { var text: String }
  }

  @Test func `simulate gives the same as data`() async throws {
    let ending = try await headgate(
      "simulate", Scratch.shop, "--scenario", Scratch.scenario("bad"), "--format", "json")
    let report = try ending.json(Report.self)
    #expect(report.outcome == "rolledBack")
    #expect(report.highestWeight == 50)
    #expect(report.timeline.contains { $0.text.contains("the gate failed") })
  }

  private struct Census: Decodable {
    var runs: Int
    var disappointed: Int
    var outcomes: [String: Int]
  }

  @Test func `many seeds are counted`() async throws {
    let ending = try await headgate(
      "simulate", Scratch.shop, "--scenario", Scratch.scenario("good"), "--seeds", "50", "--format", "json")
    let census = try ending.json(Census.self)
    #expect(census.runs == 50)
    #expect(census.outcomes.values.reduce(0, +) == 50)
    #expect(ending.code == (census.disappointed == 0 ? 0 : 1))
  }

  /// A folder with the quickstart's pipeline and one scenario, changed.
  private func with(
    _ change: (String) -> String, _ work: (Scratch, _ scenario: String) async throws -> Void
  ) async throws {
    try await Scratch.with { scratch in
      let text = try String(contentsOfFile: Scratch.scenario("good"), encoding: .utf8)
        .replacing("shop.yaml", with: Scratch.shop)
      try await work(scratch, try scratch.rig.write(change(text), to: "changed.yaml"))
    }
  }

  @Test func `every scenario that is shipped holds, and JUnit's XML says so`() async throws {
    try await Scratch.with { scratch in
      let file = "\(scratch.folder)/report.xml"
      let ending = try await headgate("test", Scratch.pipelines, "--junit", file)
      #expect(ending.code == 0, "\(ending.all)")
      let report = try JUnitReport(file)
      #expect(report.cases == ending.lines.count { $0.hasPrefix("✓") })
      #expect(report.cases > 30)
      #expect(report.failures == 0)
    }
  }

  @Test func `an expectation that does not hold fails the test, and is named`() async throws {
    try await with({ $0.replacing("outcome: promoted", with: "outcome: rolled back") }) { scratch, scenario in
      let file = "\(scratch.folder)/report.xml"
      let ending = try await headgate("test", scenario, "--junit", file)
      #expect(ending.code == 1)
      #expect(ending.out.contains("✗"))
      #expect(ending.out.contains("rolled back"))
      #expect(ending.out.contains("0 passed, 1 failed"))
      // As it stands there it shows the very run that failed.
      let command = try #require(ending.out.firstMatch(of: #/see it: headgate (.*)/#)).output.1
      let seen = try await headgate.run(command.split(separator: " ").map(String.init))
      #expect(seen.code == 1, "\(seen.all)")
      #expect(seen.out.contains("not as expected"))
      #expect(command.contains(#/ --seed \d+$/#), "\(command)")
      #expect(try JUnitReport(file).failures == 1)
      let simulated = try await headgate("simulate", Scratch.shop, "--scenario", scenario)
      #expect(simulated.code == 1)
      #expect(simulated.out.contains("not as expected"))
    }
  }

  @Test func `a broken scenario is a wrong file, with each mistake in its place`() async throws {
    try await with({ $0.replacing("traffic:", with: "trafic:") }) { _, scenario in
      let ending = try await headgate("test", scenario)
      #expect(ending.code == 65)
      #expect(ending.out.contains(#/changed\.yaml:\d+:\d+: error: unknown key `trafic`/#), "\(ending.all)")
    }
  }

  @Test func `a folder without scenarios is no success`() async throws {
    let ending = try await headgate("test", "\(Scratch.pipelines)/schema")
    #expect(ending.code == 65)
    #expect(ending.errors.contains("no scenario under"))
  }
}

/// What a build server reads of a JUnit file.
private final class JUnitReport: NSObject, XMLParserDelegate {
  private(set) var cases = 0
  private(set) var failures = 0

  init(_ path: String) throws {
    super.init()
    let parser = XMLParser(data: try Data(contentsOf: URL(filePath: path)))
    parser.delegate = self
    try #require(parser.parse(), "\(String(describing: parser.parserError))")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    if name == "testcase" { cases += 1 }
    if name == "failure" { failures += 1 }
  }
}
