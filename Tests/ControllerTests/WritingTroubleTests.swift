import Controller
import PipelineModel
import Testing

/// A disk that is full for an hour is told of a few times, not 3 600 times.
@Suite struct WritingTroubleTests {
  private func second(_ number: Int) -> Timestamp { Timestamp(milliseconds: Int64(number) * 1000) }

  @Test func `the same reason is told ever more rarely, and a count when it is over`() {
    var trouble = WritingTrouble()
    let told = (0..<3600).filter { trouble.failed("the disk is full", at: second($0)) }
    #expect(told.prefix(6) == [0, 2, 6, 14, 30, 62])
    #expect(told.count < 20)
    #expect(zip(told, told.dropFirst()).allSatisfy { second($1) - second($0) <= WritingTrouble.longest })
    let past = trouble.succeeded(at: second(3600))
    #expect(past?.tries == 3600)
    #expect(past?.time == .hours(1))
    let again = trouble.succeeded(at: second(3601))
    #expect(again == nil)
  }

  @Test func `another reason is told at once`() {
    var trouble = WritingTrouble()
    let told = [("the disk is full", 0), ("the disk is full", 1), ("read-only", 1), ("read-only", 2)].map {
      trouble.failed($0, at: second($1))
    }
    #expect(told == [true, false, true, false])
  }
}
