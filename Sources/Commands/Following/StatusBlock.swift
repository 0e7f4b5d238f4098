import ControlAPI
import Engine
import Narrative
import PipelineModel

/// The stages, the weight, the gates beside their limits, the time left.
struct StatusBlock {
  private let chronicle: Chronicle
  private let now: Timestamp

  init(_ chronicle: Chronicle, now: Timestamp) {
    self.chronicle = chronicle
    self.now = now
  }

  var lines: [String] {
    guard let run = chronicle.run else { return [] }
    let note = note(run).map { ["  " + Console.styled($0, .yellow)] } ?? []
    return ["", stages(run)] + chronicle.routes(now: now).map(\.barred)
      + chronicle.otherRetries(now: now).map(\.line) + chronicle.gates(now: now).flatMap(\.lines) + note
  }

  private func stages(_ run: Run) -> String {
    let current = run.lastStage ?? 0
    return chronicle.plan.pipeline.stages.enumerated().map { index, stage in
      if index < current { return Console.styled("✓ \(stage.name)", .green) }
      return index == current ? Console.styled("▶ \(stage.name)", .bold) : Console.styled("· \(stage.name)", .dim)
    }.joined(separator: "   ")
  }

  private func note(_ run: Run) -> String? {
    if case .rollingBack = run.phase { "rolling back" } else { run.need }
  }
}

extension Run {
  /// What it waits for that only a person, or another run's end, can give.
  var need: String? {
    switch phase {
    case .waiting: "waits until the target is free"
    case .rollingBack, .ended: nil
    case .working(let working):
      if working.held != nil {
        "held: headgate promote \(id), or headgate rollback \(id)"
      } else if paused {
        "paused: headgate resume \(id)"
      } else {
        approval(working)
      }
    }
  }

  private func approval(_ working: Working) -> String? {
    guard case .approving(let given) = working.activity,
      case .approve(let approval) = plan.pipeline.stages[working.stage].work
    else { return nil }
    let who = approval.from.isEmpty ? "anybody" : approval.from.joined(separator: " or ")
    return "\(given.count) of \(approval.approvals) approvals, by \(who): headgate approve \(id)"
  }
}

extension GateStatus {
  /// The gate, and below it each metric beside its limits.
  var lines: [String] {
    let name = site == "move" ? "gate" : "background gate"
    return ["  \(name): \(standing)\(left)"] + metrics.lines
  }

  /// What it would say were it to end now.
  private var standing: String {
    switch verdict {
    case "pass": Console.styled("passing", .green)
    case "fail": Console.styled("failing", .red)
    case "inconclusive": Console.styled("inconclusive so far", .yellow)
    case "error": Console.styled("cannot be measured now", .yellow)
    default: "not enough measurements yet"
    }
  }

  private var left: String {
    guard let secondsLeft else { return "" }
    let left = Interval(milliseconds: Int64(secondsLeft.rounded(.up)) * 1000)
    return secondsLeft > 0 ? ", \(left) left" : ", its time is over"
  }
}

extension [MetricStatus] {
  /// One line each, what belongs together below each other.
  fileprivate var lines: [String] {
    let names = map(\.metric.count).max() ?? 0
    let values = map(\.shown.count).max() ?? 0
    let rules = map(\.limits.count).max() ?? 0
    return map { status in
      "    \(status.mark) \(status.metric.padding(to: names))  \(status.shown.padding(to: values))  "
        + "\(status.limits.padding(to: rules))  \(status.passes) of \(status.looks) looks good, \(status.needed) needed"
    }
  }
}

extension MetricStatus {
  fileprivate var mark: String {
    switch judgement {
    case "pass": Console.styled("●", .green)
    case "fail": Console.styled("●", .red)
    case nil: Console.styled("○", .dim)
    default: Console.styled("●", .yellow)
    }
  }
}
