import PipelineModel
import Testing

@testable import Resilience

/// The breaker by itself: instants and jitter are given, so every transition is plain to see.
@Suite struct BreakerTests {
  private let start = Timestamp(milliseconds: 1_000_000)
  private let policy = ResiliencePolicy.Breaker(failures: 3, pause: .seconds(30))

  private func tripped() throws -> Breaker {
    var breaker = Breaker(policy)
    for _ in 1...3 { breaker.ended(try breaker.admit(at: start), .failed, at: start, jitter: 0) }
    return breaker
  }

  @Test func `it opens at the failure that makes the row full, and not before`() throws {
    var breaker = Breaker(policy)
    for count in 1...2 {
      breaker.ended(try breaker.admit(at: start), .failed, at: start, jitter: 0)
      #expect(breaker.state == .closed(failures: count))
    }
    breaker.ended(try breaker.admit(at: start), .failed, at: start, jitter: 0.5)
    #expect(breaker.state == .open(since: start, until: start + .milliseconds(31_500), trips: 0))
  }

  @Test func `an answer between failures starts the row anew`() throws {
    var breaker = Breaker(policy)
    for _ in 1...20 {
      breaker.ended(try breaker.admit(at: start), .failed, at: start, jitter: 0)
      breaker.ended(try breaker.admit(at: start), .failed, at: start, jitter: 0)
      breaker.ended(try breaker.admit(at: start), .answered, at: start, jitter: 0)
    }
    #expect(breaker.state == .closed(failures: 0))
  }

  @Test func `open, it refuses until its pause is over, and then lets one call through`() throws {
    var breaker = try tripped()
    let until = start + .seconds(30)
    #expect(throws: Breaker.Refusal(since: start, until: until)) { try breaker.admit(at: until + .milliseconds(-1)) }
    _ = try breaker.admit(at: until)
    #expect(breaker.state == .halfOpen(since: start, trips: 0))
    #expect(throws: Breaker.Refusal(since: start, until: nil)) { try breaker.admit(at: until + .hours(1)) }
  }

  @Test func `an answer closes it`() throws {
    var breaker = try tripped()
    let probe = try breaker.admit(at: start + .seconds(30))
    breaker.ended(probe, .answered, at: start + .seconds(31), jitter: 0)
    #expect(breaker.state == .closed(failures: 0))
  }

  @Test func `each try in vain doubles the pause, up to ten times the first, and since stays`() throws {
    var breaker = try tripped()
    var now = start + .seconds(30)
    for (trips, pause) in [60, 120, 240, 300, 300].enumerated() {
      breaker.ended(try breaker.admit(at: now), .failed, at: now, jitter: 0)
      let until = now + .seconds(Int64(pause))
      #expect(breaker.state == .open(since: start, until: until, trips: trips + 1))
      now = until
    }
  }

  @Test func `a try that nobody waited for says nothing: the next call tries`() throws {
    var breaker = try tripped()
    let now = start + .seconds(40)
    breaker.ended(try breaker.admit(at: now), .abandoned, at: now, jitter: 0)
    #expect(breaker.state == .open(since: start, until: now, trips: 0))
    _ = try breaker.admit(at: now)
  }

  @Test func `what was begun before a change says nothing about what came after it`() throws {
    var breaker = Breaker(policy)
    let early = try breaker.admit(at: start)
    let other = try breaker.admit(at: start)
    for _ in 1...3 { breaker.ended(try breaker.admit(at: start), .failed, at: start, jitter: 0) }
    let open = breaker.state
    breaker.ended(early, .answered, at: start, jitter: 0)
    #expect(breaker.state == open)
    _ = try breaker.admit(at: start + .seconds(30))
    breaker.ended(other, .failed, at: start + .seconds(30), jitter: 0)
    #expect(breaker.state == .halfOpen(since: start, trips: 0))
  }

  @Test func `an urgent call goes through, closes it when answered, and does not lengthen the pause`() throws {
    var breaker = try tripped()
    let open = breaker.state
    breaker.ended(breaker.admitUrgent(), .failed, at: start + .seconds(1), jitter: 0)
    #expect(breaker.state == open)
    breaker.ended(breaker.admitUrgent(), .answered, at: start + .seconds(2), jitter: 0)
    #expect(breaker.state == .closed(failures: 0))
  }

  @Test(arguments: 1...50) func `however calls come and end, it keeps its promises`(seed: UInt64) throws {
    var chance = SeededChance(seed: seed)
    var breaker = Breaker(policy)
    var now = start
    var underWay: [Breaker.Ticket] = []
    var isProbing = false
    for _ in 1...2_000 {
      now = now + .milliseconds(Int64.random(in: 0...8_000, using: &chance))
      if Bool.random(using: &chance) || underWay.isEmpty {
        let before = breaker.state
        guard let ticket = try? breaker.admit(at: now) else {
          if case .closed = before { Issue.record("seed \(seed): a closed circuit refused") }
          continue
        }
        if case .open(_, let until, _) = before {
          #expect(until <= now && !isProbing, "seed \(seed)")
          isProbing = true
        }
        if case .halfOpen = before { Issue.record("seed \(seed): two calls try at once") }
        underWay.append(ticket)
      } else {
        let index = Int.random(in: 0..<underWay.count, using: &chance)
        let outcomes: [Breaker.Outcome] = [.answered, .failed, .failed, .failed, .abandoned]
        let outcome = outcomes[Int.random(in: 0..<5, using: &chance)]
        breaker.ended(underWay.remove(at: index), outcome, at: now, jitter: .random(in: 0..<1, using: &chance))
        if case .halfOpen = breaker.state {} else { isProbing = false }
        if case .open(let since, let until, _) = breaker.state {
          #expect(since <= now && until <= now + .seconds(331), "seed \(seed)")
        }
      }
    }
  }
}
