import Foundation
import PipelineModel
import Testing

@testable import PipelineSyntax

/// What is said about a pipeline before it runs: `Plans/*.yaml`, each with its text beside it.
@Suite struct PlanTests {
  @Test(arguments: Golden.files("Plans", ending: "yaml"))
  func `a plan says what will happen`(file: URL) throws {
    let parsed = PipelineParser().parse(
      SourceFile(path: file.lastPathComponent, bytes: [UInt8](try Data(contentsOf: file))))
    #expect(parsed.diagnostics.map(\.description) == [])
    let plan = PlanReport(try #require(parsed.value))
    try Golden.expect(plan.text, toMatch: file.deletingPathExtension().appendingPathExtension("txt"))
  }

  @Test func `exposure is share times time`() throws {
    let plan = PlanReport(.example)
    let step = try #require(plan.stages[1].steps.first)
    #expect(step.gate?.looks == 15)
    #expect(step.leastExposure == .seconds(15))
    #expect(step.mostExposure == .milliseconds(225_000))
    #expect(plan.mostExposureBeforeFullTraffic == .milliseconds(225_000))
  }
}
