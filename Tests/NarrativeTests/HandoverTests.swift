import Engine
import PipelineModel
import Testing

@testable import Narrative

/// Who decides what is told where another provider answers: once when it begins, and once when it is over.
@Suite struct HandoverTests {
  private func reading(_ stand: String?) -> Reading {
    let stand = stand.map { Reading.Notes.Stand(provider: $0, because: "prom refused") }
    return .noted(.number(0), Reading.Notes(stand: stand, warnings: []))
  }

  @Test func `a fallback is told when it begins to answer, and when it is over, and not in between`() throws {
    let refused = Reading.failure(Failure(.transient, "connection refused"))
    let looks =
      [nil, "spare"].map(reading) + [refused] + ["spare", "other", nil, nil].map(reading)
    var stand: Reading.Notes.Stand?
    let told = looks.map { look -> String? in
      guard let handover = Handover(of: 0, look, after: stand) else { return nil }
      stand = handover.stand
      return stand?.provider ?? "itself"
    }
    #expect(told == [nil, "spare", nil, nil, "other", "itself", nil])
  }
}
