import Engine
import PipelineModel
import Testing

@testable import Controller

@Suite struct InboxTests {
  private func fact(_ run: Int64) -> Inbound { .fact(RunID(run), .timePassed) }

  /// The runs of what is taken; `nil` once the inbox is closed.
  private func runs(_ inbox: Inbox, patience: Duration) -> [Int64]? {
    var inbound = [fact(99)]
    guard inbox.take(into: &inbound, patience: patience) else { return nil }
    return inbound.map { if case .fact(let run, _) = $0 { run.number } else { 0 } }
  }

  @Test func `all that has come is taken at once, in its order`() {
    let inbox = Inbox()
    for run in 1...5 as ClosedRange<Int64> { inbox.put(fact(run)) }
    #expect(runs(inbox, patience: .seconds(3600)) == [1, 2, 3, 4, 5])
    #expect(runs(inbox, patience: .zero) == [])
  }

  @Test func `who waits is woken by what comes, and by the close`() async {
    let inbox = Inbox()
    let taker = Task.detached { () -> [Int64] in
      var taken: [Int64] = []
      var inbound: [Inbound] = []
      while inbox.take(into: &inbound, patience: .seconds(3600)) {
        taken += inbound.map { if case .fact(let run, _) = $0 { run.number } else { 0 } }
        if taken.count == 1000 { inbox.close() }
      }
      return taken
    }
    for run in 1...1000 as ClosedRange<Int64> { inbox.put(fact(run)) }
    #expect(await taker.value == Array(1...1000))
  }

  @Test func `many threads put, and nothing is lost`() async {
    let inbox = Inbox()
    await withTaskGroup(of: Void.self) { group in
      for thread in 0..<8 as Range<Int64> {
        group.addTask { for number in 1...500 as ClosedRange<Int64> { inbox.put(fact(thread * 1000 + number)) } }
      }
    }
    let taken = runs(inbox, patience: .zero) ?? []
    #expect(taken.count == 4000)
    for thread in 0..<8 as Range<Int64> {
      #expect(taken.filter { $0 / 1000 == thread && $0 % 1000 != 0 } == (1...500).map { thread * 1000 + $0 })
    }
  }

  @Test func `a closed inbox gives nothing, also of what it held`() {
    let inbox = Inbox()
    inbox.put(fact(1))
    inbox.close()
    #expect(runs(inbox, patience: .seconds(3600)) == nil)
  }
}
