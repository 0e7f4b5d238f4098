import Analysis
import PipelineModel
import Testing

@testable import PipelineSyntax

/// Recorded traffic: what is read, what is said about mistakes in it, and what plans make of it.
@Suite struct TrafficFileTests {
  private func read(_ text: String) -> Parsed<UsualTraffic> {
    TrafficFile.read(SourceFile(path: "week.csv", text: text))
  }

  @Test(arguments: [
    "time,requests,bad\n2026-11-20T08:00:00Z,6000,30\n2026-11-20T08:01:00Z,6000,30\n",
    "time,requests,bad\n2026-11-20T08:00:00.5+01:00,6000,30\n2026-11-20T07:01:00.25Z,6000,30\n",
    "# of a week\nbad;total;time\n30;6000;1763625600\n\n30;6000;1763625660\n",
    "{\"time\": \"2026-11-20T08:00:00Z\", \"requests\": 6000, \"errors\": 30}\n"
      + "{\"time\":\"2026-11-20T08:01:00Z\",\"requests\":6e3,\"bad\":30,\"metric\":null}\n",
    "time\tall\terrors\tseconds\n\"1763625600\"\t6000\t30\t60\n",
  ])
  func `CSV and JSON lines are read, with the names people use`(text: String) throws {
    let parsed = read(text.replacing(",\"metric\":null", with: ""))
    #expect(parsed.diagnostics.map(\.description) == [])
    let flow = try #require(parsed.value?.common)
    #expect(flow.requests == 100)
    #expect(flow.bad == 0.005)
  }

  @Test func `lines may be about one metric each`() throws {
    let traffic = try #require(
      read("time,metric,requests,bad\n0,errors,600,6\n0,slow,600,60\n60,errors,600,6\n60,slow,600,60\n").value)
    #expect(traffic.common == nil)
    #expect(traffic.flow(of: "errors")?.bad == 0.01)
    #expect(traffic.flow(of: "slow")?.bad == 0.1)
    #expect(traffic.flow(of: "other") == nil)
  }

  @Test(arguments: [
    ("", "week.csv:1:1: error: no traffic in it"),
    ("when,what\n1,2\n", "week.csv:1:1: error: the first line does not name `time`, `requests` and `bad`"),
    ("time,requests,bad\n1,2\n", "week.csv:2:1: error: 2 cells, and 3 names in the first line"),
    ("time,requests,bad\nnoon,2,1\n", "week.csv:2:1: error: `noon` is no time"),
    ("time,requests,bad\n0,-2,1\n", "week.csv:2:1: error: `-2` is no number of requests"),
    ("time,requests,bad\n0,nan,1\n", "week.csv:2:1: error: `nan` is no number of requests"),
    ("time,requests,bad\n0,2,3\n", "week.csv:2:1: error: more bad requests than requests"),
    ("time,requests,bad\n0,2,1\n", "week.csv:2:1: error: how long an interval is cannot be told from one line"),
    ("time,requests,bad\n0,0,0\n60,0,0\n", "week.csv:2:1: error: there are no requests here"),
    ("time,requests,bad,seconds\n0,2,1,soon\n", "week.csv:2:1: error: `soon` is no length of an interval"),
    ("time,requests,bad,seconds\n0,2,1,60\n60,2,1,-5\n", "week.csv:3:1: error: `-5` is no length of an interval"),
    ("{\"time\": [1]}\n", "week.csv:1:1: error: this is no JSON object of texts and numbers"),
    ("{\"time\": 1, \"bad\": 1}\n", "week.csv:1:1: error: no `requests` in this line"),
    ("{\"time\n", "week.csv:1:1: error: this is no JSON object of texts and numbers"),
  ])
  func `what is wrong is said, with its line`(text: String, message: String) {
    let parsed = read(text)
    #expect(parsed.value == nil)
    #expect(parsed.diagnostics.first?.description.hasPrefix(message) == true, "\(parsed.diagnostics)")
  }

  // MARK: Plans

  private func decision(_ traffic: UsualTraffic?, detect: Double = 2) throws -> StepDecision {
    let metrics = [
      Metric(
        name: "errors", provider: "p", query: Template(parts: []), rule: .comparison(Comparison(detect: detect)))
    ]
    return try #require(
      metrics.decisions(
        of: Gate(metrics: [0], every: .minutes(1)), over: .minutes(15), at: .percent(5), traffic
      ).first)
  }

  @Test func `traffic that never changes gives the times of a steady flow`() throws {
    let steady = try decision(UsualTraffic(common: .init(requests: 100, bad: 0.005)))
    let points = [RecordedTraffic.Point](repeating: .init(seconds: 60, all: 6000, bad: 30), count: 2000)
    let recorded = try decision(UsualTraffic(common: .init(try #require(RecordedTraffic(points)))))
    #expect(recorded.errorsToFail == steady.errorsToFail)
    let (a, b) = (try #require(recorded.timeToFail).seconds, try #require(steady.timeToFail).seconds)
    #expect((a - b).magnitude < 1)
    #expect(recorded.longToFail == recorded.timeToFail)
  }

  @Test func `at night it takes longer, and the hold that is recommended is one for the night`() throws {
    let day = [RecordedTraffic.Point](repeating: .init(seconds: 600, all: 60_000, bad: 300), count: 72)
    let night = [RecordedTraffic.Point](repeating: .init(seconds: 600, all: 600, bad: 3), count: 72)
    let decision = try decision(UsualTraffic(common: .init(try #require(RecordedTraffic(day + night)))))
    let (usual, long) = (try #require(decision.timeToFail), try #require(decision.longToFail))
    #expect(long > usual * 5)
    #expect(try #require(decision.recommendedHold) > long)
    #expect(decision.fits(usual) == false)
    #expect(decision.sentence(over: usual).contains("when it is quiet"))
  }

  private func sentence(
    requests: Double, bad: Double, hold: Interval, _ rule: Comparison = Comparison()
  ) throws -> String {
    let metrics = [Metric(name: "errors", provider: "p", query: Template(parts: []), rule: .comparison(rule))]
    let traffic = UsualTraffic(common: .init(requests: requests, bad: bad))
    let gate = Gate(metrics: [0], every: .minutes(1))
    return try #require(metrics.decisions(of: gate, over: hold, at: .percent(5), traffic).first)
      .sentence(over: hold)
  }

  @Test func `a step that cannot decide says what would let it`() throws {
    let short = try sentence(requests: 100, bad: 0.005, hold: .minutes(15))
    #expect(short.contains("; it cannot decide within 15m, raise the hold to about "))
    #expect(short.hasSuffix("or detect 3x") || short.hasSuffix("or detect 5x"), "\(short)")
    // Months, where a search over a hundred rounds gave up.
    #expect(try sentence(requests: 0.01, bad: 0.001, hold: .minutes(15)).contains("raise the hold to about"))
    let never = try sentence(requests: 1e-6, bad: 1e-4, hold: .minutes(15))
    #expect(never.hasSuffix("nor within any hold with this traffic: give it a larger share, or `negligible`"))
    #expect(!(try sentence(requests: 1000, bad: 0.005, hold: .minutes(60))).contains("cannot"))
  }

  @Test func `where nothing bad is expected it says after how many requests a version passes`() throws {
    let text = try sentence(requests: 400, bad: 0, hold: .minutes(60))
    #expect(text.contains("nothing bad is expected, a good one passes after "))
    #expect(text.contains(" requests of its own with next to none bad, about "))
    #expect(try sentence(requests: 400, bad: 0, hold: .minutes(5)).contains("it cannot decide within 5m"))
    let none = try sentence(requests: 400, bad: 0, hold: .minutes(5), Comparison(negligible: 0))
    #expect(none.contains("a good one never passes; it cannot decide within 5m, nor within any hold"))
  }

  @Test func `bursts on record ask for more`() throws {
    var bursty: [RecordedTraffic.Point] = []
    for index in 0..<500 { bursty.append(.init(seconds: 60, all: 6000, bad: index % 10 == 0 ? 300 : 0)) }
    let recorded = try #require(RecordedTraffic(bursty))
    #expect(recorded.dispersion > 5)
    #expect(try decision(UsualTraffic(common: .init(recorded))).errorsToFail > decision(nil).errorsToFail * 4)
  }

  @Test(arguments: [1.0, 30, 29.9, 4321, 1e5])
  func `a wait is as long as it takes to count so many, from wherever one begins`(errors: Double) throws {
    var points: [RecordedTraffic.Point] = []
    for index in 0..<200 { points.append(.init(seconds: 60, all: Double(100 + index * 37 % 900), bad: 5)) }
    let recorded = try #require(RecordedTraffic(points))
    let wait = try #require(recorded.wait(for: errors, share: recorded.rate))
    // The slow way: second by second.
    let rates = points.map { $0.all * recorded.rate / 60 }
    var waits: [Double] = []
    for start in stride(from: 0, to: 200, by: 20) {
      var (left, seconds) = (errors, 0.0)
      while left > 0 {
        left -= rates[(start + Int(seconds / 60)) % 200]
        seconds += 1
      }
      waits.append(seconds)
    }
    #expect(waits.min().map { $0 <= wait.usual + 60 } == true)
    #expect(waits.max().map { $0 + 60 >= wait.usual } == true)
    #expect(wait.usual <= wait.long)
  }

  @Test func `what takes many rounds takes as long as they do, and what counts nothing is never reached`() throws {
    let recorded = try #require(RecordedTraffic([.init(seconds: 60, all: 10, bad: 1)]))
    let wait = try #require(recorded.wait(for: 1000, share: 0.1))
    #expect((wait.usual - 60_000).magnitude < 1e-6)
    #expect(recorded.wait(for: 1, share: 0) == nil)
    #expect(recorded.wait(for: .infinity, share: 0.1) == nil)
    #expect(RecordedTraffic([.init(seconds: 60, all: .nan, bad: 1), .init(seconds: 0, all: 9, bad: 1)]) == nil)
    #expect(RecordedTraffic([]) == nil)
  }
}
