import ControlAPI
import Engine
import Foundation
import Narrative
import PipelineModel

/// A run as it goes on, on a terminal: its time line above, and below it a block that is drawn anew.
struct RunView {
  private var drawn = 0
  private let isLive: Bool
  private let isVerbose: Bool

  init(isLive: Bool, isVerbose: Bool) {
    self.isLive = isLive && Console.isTerminal
    self.isVerbose = isVerbose
  }

  mutating func show(_ sentences: [Sentence], _ chronicle: Chronicle, now: Timestamp) {
    let lines = sentences.filter { isVerbose || $0.tone != .detail }.map { Console.line($0) }
    guard isLive else {
      for line in lines { Console.print(line) }
      return
    }
    let block = chronicle.run?.outcome == nil ? StatusBlock(chronicle, now: now).lines : []
    let up = drawn > 0 ? "\u{1B}[\(drawn)A\u{1B}[J" : ""
    FileHandle.standardOutput.write(Data((up + (lines + block).map { $0 + "\n" }.joined()).utf8))
    drawn = block.count
  }

  /// Leaves the block where it is, so that something else may be printed below.
  mutating func rest() { drawn = 0 }
}

/// The stages, the weight, the gates beside their limits, the time left.
struct StatusBlock {
  let chronicle: Chronicle
  let now: Timestamp

  init(_ chronicle: Chronicle, now: Timestamp) {
    self.chronicle = chronicle
    self.now = now
  }

  var lines: [String] {
    guard let run = chronicle.run else { return [] }
    var lines = ["", Console.styled(stages(run), .bold)]
    lines += routes(run)
    lines += gates
    if let note = note(run) { lines.append("  " + Console.styled(note, .yellow)) }
    return lines.map { $0.clipped(to: Self.width) }
  }

  private static var width: Int {
    var size = winsize()
    return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) - 1 : 119
  }

  private func stages(_ run: Run) -> String {
    chronicle.plan.pipeline.stages.enumerated().map { index, stage in
      let current = run.lastStage ?? 0
      return index < current ? "✓ \(stage.name)" : index == current ? "▶ \(stage.name)" : "· \(stage.name)"
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

  private var gates: [String] {
    chronicle.gates(now: now).flatMap { gate in
      let left = gate.secondsLeft.map { ", \(Interval(milliseconds: Int64($0 * 1000)).rounded) left" } ?? ""
      let name = gate.site == "move" ? "gate" : "background gate"
      return ["  \(name): \(gate.verdict)\(left)"] + gate.metrics.map(metric)
    }
  }

  private func metric(_ status: MetricStatus) -> String {
    let mark = status.judgement == "pass" ? Console.styled("●", .green) : Console.styled("●", status.judgement == "fail" ? .red : .yellow)
    let counts = "\(status.passes)/\(status.looks) good, \(status.needed) needed"
    return "    \(mark) \(status.metric.padding(to: 16)) \(status.shown.padding(to: 12)) \(status.limits.padding(to: 24)) \(counts)"
  }

  private func note(_ run: Run) -> String? {
    switch run.phase {
    case .waiting: "waits until the target is free"
    case .rollingBack: "rolling back"
    case .ended: nil
    case .working(let working):
      working.held != nil
        ? "held: headgate promote \(run.id), or headgate rollback \(run.id)" : run.paused ? "paused: headgate resume \(run.id)" : nil
    }
  }
}

extension String {
  /// At most so many characters, escape sequences not counted as such: long lines would break the drawing.
  fileprivate func clipped(to width: Int) -> String {
    var visible = 0
    var isEscape = false
    var end = startIndex
    for index in indices {
      let character = self[index]
      if character == "\u{1B}" { isEscape = true }
      if !isEscape { visible += 1 }
      if isEscape, character == "m" { isEscape = false }
      if visible > width { return String(self[..<end]) + "\u{1B}[0m" }
      end = self.index(after: index)
    }
    return self
  }
}
