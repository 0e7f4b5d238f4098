import PipelineModel
import Testing

@testable import Resilience

@Suite struct RateLimitTests {
  @Test(arguments: [1, 7, 50, 300, 1000]) func `no second has more than its share and a tenth`(rate: Int) throws {
    var limit = RateLimit(perSecond: rate)
    var chance = SeededChance(seed: UInt64(rate))
    var now = Timestamp(milliseconds: 5_000_000)
    var begun: [Int64] = []
    for _ in 1...5_000 {
      now = now + .milliseconds(Int64.random(in: 0...(600 / Int64(rate) + 1), using: &chance))
      let place = limit.take(at: now, patience: .hours(10))
      let wait = try #require(place)
      begun.append(now.milliseconds + wait.milliseconds)
    }
    #expect(begun == begun.sorted())
    for (index, first) in begun.enumerated() {
      let inASecond = begun[index...].prefix { $0 < first + 1000 }.count
      #expect(inASecond <= rate + rate / 10 + 2)
      if inASecond > rate + rate / 10 + 2 { break }
    }
  }

  @Test func `after a rest the first goes at once`() {
    var limit = RateLimit(perSecond: 1)
    #expect(limit.take(at: Timestamp(milliseconds: 0), patience: .zero) == .zero)
    #expect(limit.take(at: Timestamp(milliseconds: 60_000), patience: .zero) == .zero)
  }

  @Test func `who cannot wait so long takes no place`() {
    var limit = RateLimit(perSecond: 1)
    let now = Timestamp(milliseconds: 0)
    _ = limit.take(at: now, patience: .zero)
    for _ in 1...100 { #expect(limit.take(at: now, patience: .milliseconds(500)) == nil) }
    #expect(limit.take(at: now, patience: .seconds(1)) == .milliseconds(900))
  }

  @Test func `pauses double up to half a minute, with up to half a second more`() {
    #expect((1...7).map { Pauses.after($0, jitter: 0).seconds } == [1, 2, 4, 8, 16, 30, 30])
    #expect(Pauses.after(1, jitter: 0.999_999) == .milliseconds(1_500))
  }
}
