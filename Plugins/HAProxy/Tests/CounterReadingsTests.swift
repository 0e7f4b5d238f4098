import PipelineModel
import PluginKit
import Testing

/// An increase is the difference of two readings of one process that are about an interval apart, or there is none.
@Suite struct CounterReadingsTests {
  private func reading(_ value: Double, at seconds: Int64, began: Int64 = 0, of subject: String = "shop/green")
    -> CounterReading
  {
    CounterReading(
      subject: subject, counters: ["errors": value], time: Timestamp(milliseconds: seconds * 1000),
      began: Timestamp(milliseconds: began * 1000))
  }

  private func increases(_ steps: [CounterReading], over interval: Interval = .seconds(60)) -> [Double?] {
    let readings = CounterReadings()
    return steps.map { readings.increase(to: $0, over: interval)?.counters["errors"] }
  }

  @Test func `the first reading is no evidence, the next ones are`() {
    let steps = [reading(100, at: 0), reading(110, at: 60), reading(110, at: 120), reading(125, at: 180)]
    #expect(increases(steps) == [nil, 10, 0, 15])
  }

  @Test func `the base is the reading nearest to an interval ago`() {
    let steps = [0, 20, 40, 60, 80].map { reading(Double($0), at: $0) }
    #expect(increases(steps) == [nil, nil, 40, 60, 60])
  }

  @Test func `several questions of one look have the same base`() {
    let readings = CounterReadings()
    _ = readings.increase(to: reading(1, at: 0), over: .seconds(60))
    for _ in 1...3 {
      let increase = readings.increase(to: reading(7, at: 60), over: .seconds(60))
      #expect(increase?.counters == ["errors": 6] && increase?.seconds == 60)
    }
  }

  @Test func `a long silence, a restart, a fall, and a clock that goes back leave no evidence`() {
    #expect(increases([reading(1, at: 0), reading(9, at: 121)]) == [nil, nil])
    #expect(
      increases([reading(1, at: 0), reading(9, at: 60, began: 30), reading(10, at: 120, began: 31)]) == [nil, nil, 1])
    #expect(increases([reading(5, at: 0), reading(4, at: 60), reading(9, at: 120)]) == [nil, nil, 5])
    #expect(increases([reading(5, at: 100), reading(6, at: 40), reading(8, at: 100)]) == [nil, nil, 2])
  }

  @Test func `subjects do not mix`() {
    #expect(increases([reading(1, at: 0, of: "a"), reading(9, at: 60, of: "b")]) == [nil, nil])
  }
}
