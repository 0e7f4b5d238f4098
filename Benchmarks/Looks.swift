import Analysis
import PipelineModel

/// One look of the default comparison as a run takes it: both martingales, the burstiness, the judgement, and what the
/// record keeps of it, with the bounds on the ratio.
func measureLooks() throws -> [Figure] {
  let comparing = Comparing(Comparison(), share: 1)
  let looks = (0..<1024).map { index in
    let (canary, control) = (Double(index % 7), Double(40 + index % 23))
    return CountLook(canary: ArmCounts(bad: canary, all: 500), control: ArmCounts(bad: control, all: 9500))
  }
  let rounds = 300
  var undecided = 0
  var bounds = 0.0
  let nanoseconds = (0..<5).map { _ in
    let spent = Spent.on {
      for _ in 0..<rounds {
        // A rollout has some dozens of looks: the evidence begins anew now and then.
        var evidence = Evidence()
        for look in looks {
          let (judgement, weighing) = comparing.weighed(look, isAlone: false, &evidence)
          if judgement == .inconclusive { undecided += 1 }
          bounds += weighing.atLeast
        }
      }
    }
    return spent.cpu / Double(rounds * looks.count) * 1e9
  }
  guard undecided > 0, bounds.isFinite else { throw Unexpected("no look was undecided") }
  return [
    Figure(name: "looks/one look of the default rule, weighed", value: nanoseconds.median, unit: "ns", goal: "<= 1000")
  ]
}
