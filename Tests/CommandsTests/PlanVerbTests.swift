import Foundation
import LiveRig
import Testing

/// `plan` with traffic that is given, and on record.
@Suite struct PlanVerbTests {
  private static let compared = "\(Scratch.pipelines)/compared/pipeline.yaml"

  private struct Plan: Decodable {
    var stages: [Stage]
    struct Stage: Decodable { var steps: [Step] }
    struct Step: Decodable { var decisions: [Decision] }
    struct Decision: Decodable {
      var metric: String
      var timeToFail, longToFail, recommendedHold: Double?
      var fits: Bool?
    }
  }

  private func decision(_ scratch: Scratch, _ arguments: String...) async throws -> Plan.Decision {
    let ending = try await scratch.headgate.run(["plan", Self.compared, "--format", "json"] + arguments)
    #expect(ending.code == 0, "\(ending.all)")
    let decisions = try ending.json(Plan.self).stages.flatMap(\.steps).flatMap(\.decisions)
    return try #require(decisions.first { $0.metric == "errors" })
  }

  @Test(arguments: [["plan"], ["simulate", "--scenario", Scratch.scenario("good")]])
  func `a parameter that does not exist is wrong usage, with the one that is near`(verb: [String]) async throws {
    try await Scratch.with { scratch in
      let ending = try await scratch.headgate.run(verb + [Scratch.shop, "--set", "version=1", "--set", "vresion=3"])
      #expect(ending.code == 64, "\(ending.all)")
      #expect(ending.errors.contains("unknown parameter `vresion`, did you mean `version`?"), "\(ending.all)")
    }
  }

  @Test func `traffic on record knows night from day, in CSV and in JSON lines`() async throws {
    try await Scratch.with { scratch in
      var csv = "time,requests,bad\n"
      var lines = ""
      for hour in 0..<48 {
        let requests = hour % 24 < 8 ? 3600 : 1_440_000
        csv += "\(hour * 3600),\(requests),\(requests / 250)\n"
        lines += "{\"time\": \(hour * 3600), \"requests\": \(requests), \"bad\": \(requests / 250)}\n"
      }
      let steady = try await decision(scratch, "--traffic", "400", "--errors", "0.4")
      let recorded = try await decision(scratch, "--traffic", try scratch.rig.write(csv, to: "week.csv"))
      #expect(steady.longToFail == nil)
      #expect(try #require(recorded.longToFail) > 10 * #require(recorded.timeToFail))
      #expect(recorded.fits == false)
      #expect(try #require(recorded.recommendedHold) > #require(recorded.longToFail))
      let again = try await decision(scratch, "--traffic", try scratch.rig.write(lines, to: "week.jsonl"))
      #expect(again.longToFail == recorded.longToFail)
    }
  }

  @Test func `traffic without errors is planned from: what is negligible passes`() async throws {
    try await Scratch.with { scratch in
      let decision = try await decision(scratch, "--traffic", "200", "--errors", "0")
      #expect(decision.timeToFail == nil)
      #expect(decision.recommendedHold != nil)
      let told = try await scratch.headgate.run(["plan", Self.compared, "--traffic", "200", "--errors", "0"])
      #expect(told.all.contains("nothing bad is expected"), "\(told.all)")
    }
  }

  @Test func `what cannot be planned from is said`() async throws {
    try await Scratch.with { scratch in
      func refusal(_ arguments: String...) async throws -> (Int32, String) {
        let ending = try await scratch.headgate.run(["plan", Self.compared] + arguments)
        return (ending.code, ending.all)
      }
      let (code, told) = try await refusal(
        "--traffic", try scratch.rig.write("time,requests,bad\n0,5,6\n", to: "w.csv"))
      #expect(code == 65)
      #expect(told.contains("w.csv:2:1: error: more bad requests than requests"))
      let other = "time,metric,requests,bad\n0,eror,600,6\n60,eror,600,6\n"
      #expect(
        try await refusal("--traffic", try scratch.rig.write(other, to: "o.csv")).1.contains("no metric \"eror\""))
      #expect(try await refusal("--traffic", "200").0 == 64)
      for number in ["inf", "nan", "0", "1e300"] {
        let (code, told) = try await refusal("--traffic", number, "--errors", "0.5")
        #expect(code == 64)
        #expect(told.contains("--traffic \(number) is no number of requests a second"), "\(told)")
      }
      #expect(try await refusal("--traffic", "inf").1.contains("--traffic inf is no number of requests a second"))
      #expect(try await refusal("--traffic", "9", "--errors", "inf").1.contains("--errors inf is no share"))
      #expect(try await refusal("--traffic", "x.csv", "--from", "prometheus").0 == 64)
      #expect(try await refusal("--from", "prometheus", "--step", "9d").0 == 64)
      #expect(try await refusal("--from", "prometheus").1.contains("no headgate.yaml here"))
    }
  }

  @Test func `a run says what it is for, with a reason`() async throws {
    try await Scratch.with { scratch in
      let ending = try await scratch.headgate.run(scratch.rehearsal() + ["--change", "emergency"])
      #expect(ending.code == 64)
      #expect(ending.all.contains("--change emergency needs a --reason"))
      let done = try await scratch.rehearse(
        "good", version: "1.4.1", speed: 60, "--change", "emergency", "--reason", "INC-7")
      #expect(done.code == 0, "\(done.all)")
      #expect(done.out.contains("as an emergency (reason: INC-7)"), "\(done.out)")
    }
  }
}
