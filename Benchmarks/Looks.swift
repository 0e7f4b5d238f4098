import Analysis
import PipelineModel

/// One look of the default comparison: both martingales, the bounds on the ratio, the burstiness, and the judgement.
func measureLooks() throws -> [Figure] {
  let test = CountTest()
  let looks = (0..<1024).map { index in
    let (canary, control) = (Double(index % 7), Double(40 + index % 23))
    return CountLook(canary: ArmCounts(bad: canary, all: 500), control: ArmCounts(bad: control, all: 9500))
  }
  let rounds = 300
  var judged = 0
  let nanoseconds = (0..<5).map { _ in
    let spent = Spent.on {
      for _ in 0..<rounds {
        // A rollout has some dozens of looks: the evidence begins anew now and then.
        var evidence = CountEvidence()
        for look in looks {
          evidence.add(look, test)
          if evidence.judgement(test) == .inconclusive { judged += 1 }
        }
      }
    }
    return spent.cpu / Double(rounds * looks.count) * 1e9
  }
  guard judged > 0 else { throw Unexpected("no look was undecided") }
  return [Figure(name: "looks/one look of the default rule", value: nanoseconds.median, unit: "ns", goal: "<= 1000")]
}
