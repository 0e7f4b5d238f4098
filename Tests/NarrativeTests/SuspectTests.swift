import PipelineModel
import Testing

@testable import Narrative

// What is suspected most: what is of the same service, near in time, and met by many; each of the three by itself, then
// together.

@Suite struct SuspectTests {
  private let instant = Timestamp(milliseconds: 1_795_266_300_000)

  private func change(
    _ run: Int64, _ services: [String] = ["shop"], before distance: Interval = .minutes(10), from: Double = 0,
    to share: Double = 0.5
  ) -> ExposureChange {
    ExposureChange(
      sequence: run, time: Timestamp(milliseconds: instant.milliseconds - distance.milliseconds),
      origin: .run(RunID(run)), services: services, environment: "production", before: from, after: share,
      text: "edge/shop gave it")
  }

  private func ranks(_ changes: [ExposureChange], services: [String] = ["shop"]) -> [Int64] {
    let suspicion = Suspicion(before: instant, within: .hours(24), services: services)
    return suspicion.suspects(among: changes).map(\.change.sequence)
  }

  @Test func `the nearer change of two is suspected more`() {
    #expect(
      ranks([change(1, before: .hours(5)), change(2, before: .minutes(5)), change(3, before: .hours(1))]) == [2, 3, 1])
  }

  @Test func `the change that more users met is suspected more`() {
    #expect(ranks([change(1, to: 0.05), change(2, to: 1), change(3, to: 0.25)]) == [2, 3, 1])
  }

  @Test func `a change of the service is suspected before one of nobody in particular, and that before others`() {
    let changes = [change(1, ["search"]), change(2, []), change(3, ["mail", "shop"])]
    #expect(ranks(changes) == [3, 2, 1])
    // Who names no service has none left out: then the later of two that are alike comes first.
    #expect(ranks(changes, services: []) == [3, 2, 1])
    let alike = Suspicion(before: instant, within: .hours(24)).suspects(among: changes)
    #expect(alike.allSatisfy { $0.overlap == .same })
  }

  @Test func `only what was before the instant and within the period is suspected`() {
    #expect(
      ranks([change(1, before: .zero), change(2, before: .milliseconds(-1)), change(3, before: .hours(24))]) == [3])
    #expect(ranks([change(1, before: .hours(24) + .milliseconds(1))]) == [])
  }

  @Test func `a run stands there once, with the step that is suspected most`() {
    let steps = [
      change(1, before: .minutes(50), to: 0.05), change(1, before: .minutes(30), from: 0.05, to: 1),
      change(1, before: .minutes(29), from: 1, to: 1),
    ]
    let suspects = Suspicion(before: instant, within: .hours(24), services: ["shop"]).suspects(among: steps)
    #expect(suspects.map(\.change.after) == [1])
    #expect(suspects.map(\.distance) == [.minutes(29)])
  }

  @Test func `who was moved back by a rollback met a change too`() {
    #expect(change(1, from: 1, to: 0).exposure == 1)
    #expect(change(1, from: 0.5, to: 0.25).exposure == 0.25)
    #expect(ranks([change(1, from: 1, to: 0), change(2, to: 0)]) == [1])
  }

  @Test func `each factor of the score is a reason that people can read`() throws {
    let suspicion = Suspicion(before: instant, within: .hours(24), services: ["mail"])
    let suspect = try #require(suspicion.suspects(among: [change(7, before: .minutes(10), to: 0.25)]).first)
    #expect(suspect.score == 0.1 * 0.5 * 0.5)
    #expect(
      suspect.reasons == [
        "changed another service, shop in production (× 0.10)", "10m before (× 0.50)",
        "25% of the requests met it (× 0.50)",
      ])
    #expect(suspect.sentence == "10m before, shop in production: edge/shop gave it")
  }
}
