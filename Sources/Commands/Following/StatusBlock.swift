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
    return ["", stages(run)] + routes(run) + chronicle.gates(now: now).flatMap(\.lines) + note
  }

  private func stages(_ run: Run) -> String {
    let current = run.lastStage ?? 0
    return chronicle.plan.pipeline.stages.enumerated().map { index, stage in
      if index < current { return Console.styled("✓ \(stage.name)", .green) }
      return index == current ? Console.styled("▶ \(stage.name)", .bold) : Console.styled("· \(stage.name)", .dim)
    }.joined(separator: "   ")
  }

  private func routes(_ run: Run) -> [String] {
    run.routes.enumerated().compactMap { index, state in
      guard let weight = state.wanted else { return nil }
      let filled = Int((weight.fraction * 30).rounded())
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
      let name = chronicle.plan.routes[index]
      return "  \(bar) \(weight) of \(name)\(state.confirmed ? "" : " (asked for)")"
    }
  }

  private func note(_ run: Run) -> String? {
    switch run.phase {
    case .waiting: "waits until the target is free"
    case .rollingBack: "rolling back"
    case .ended: nil
    case .working(let working):
      if working.held != nil {
        "held: headgate promote \(run.id), or headgate rollback \(run.id)"
      } else {
        run.paused ? "paused: headgate resume \(run.id)" : nil
      }
    }
  }
}

extension GateStatus {
  /// The gate, and below it each metric beside its limits.
  var lines: [String] {
    let name = site == "move" ? "gate" : "background gate"
    return ["  \(name): \(verdict)\(left)"] + metrics.map(\.line)
  }

  private var left: String {
    guard let secondsLeft else { return "" }
    let left = Interval(milliseconds: Int64(secondsLeft.rounded(.up)) * 1000)
    return secondsLeft > 0 ? ", \(left) left" : ", its time is over"
  }
}

extension MetricStatus {
  fileprivate var line: String {
    let style: Console.Style = judgement == "pass" ? .green : judgement == "fail" ? .red : .yellow
    let limits = limits.isEmpty ? "" : limits + "  "
    return "    \(Console.styled("●", style)) \(metric.padding(to: 16)) \(shown.padding(to: 10)) \(limits)"
      + "\(passes) of \(looks) looks good, \(needed) needed"
  }
}
