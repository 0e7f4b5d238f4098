import PipelineModel

extension PlanReport {
  /// The report for people, in plain lines of text.
  package var text: String {
    var lines = [
      "\(pipeline): \(target)", "  takes \(shortest) at least, \(longest) at most",
      "  while another run is in flight: \(busy)",
    ]
    let exposure = exposure
    if exposure.inTime > .zero {
      lines.append(
        "  exposure before full traffic: as much as \(exposure.inTime) of all traffic when each hold ends in time,")
      lines.append("    at worst \(exposure.held), when a step is held until the deadline")
    }
    if !plainParameters.isEmpty {
      let signs = Parameter.plainSigns.map(String.init).joined(separator: " ")
      lines.append("  only letters, digits and \(signs) in \(plainParameters.map(quote).joined(separator: ", "))")
    }
    for (number, stage) in stages.enumerated() {
      lines.append("")
      lines.append("\(number + 1). \(stage.name) (\(stage.kind))")
      lines += stage.lines.map { "   " + $0 }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var busy: String {
    switch whenBusy {
    case .refuse: "it is refused"
    case .queue: "it waits until the other has ended"
    case .supersede: "the other is rolled back first"
    }
  }
}

extension PlanReport.Stage {
  fileprivate var lines: [String] {
    var lines = does
    lines.append(shortest == .zero ? "takes \(longest) at most" : "takes \(shortest) at least, \(longest) at most")
    for (position, step) in steps.enumerated() {
      lines += step.lines(after: steps[..<position].first { $0.isJudged(like: step) })
    }
    if let background {
      lines.append("background gate, throughout the stage")
      lines += background.lines.map { "  " + $0 }
    }
    return lines + ["on failure: \(onFailure)"]
  }
}

extension PlanReport.Step {
  /// Whether the same gate judges both, be it for another time.
  fileprivate func isJudged(like other: Self) -> Bool {
    guard let gate, let others = other.gate else { return false }
    return gate.isSame(as: others) && onInconclusive == other.onInconclusive
  }

  /// - Parameter first: the step that told of the same gate already.
  fileprivate func lines(after first: Self?) -> [String] {
    var lines = ["\(title): \(weight) for \(hold)"]
    guard let gate else { return lines + ["  nothing is judged"] }
    if let first {
      lines.append("  \(gate.count), judged as at \(first.title)")
    } else {
      lines += (gate.lines + [ending(gate)]).map { "  " + $0 }
    }
    lines += decisions.map { "  " + $0.sentence(over: hold, gate.patience) }
    if let leastExposure, let least = gate.earliestFailure, weight > .none {
      lines.append("  a version that fails is stopped after \(least) at the earliest, \(hold) at the latest:")
      lines.append("    exposure of \(leastExposure) to \(mostExposure) of all traffic")
    }
    return lines
  }

  private func ending(_ gate: GateReport) -> String {
    switch onInconclusive {
    case .hold: "without a decision at the end: \(gate.longer)waits for a person, until the deadline of the stage"
    case .rollback: "without a decision at the end: \(gate.longer)counts as a failure"
    }
  }
}

extension GateReport {
  fileprivate var longer: String { patience > .zero ? "looks on for at most \(patience), then " : "" }

  fileprivate var count: String { "\(looks) \(looks == 1 ? "look" : "looks")" }

  /// Whether both judge alike, for however long.
  fileprivate func isSame(as other: Self) -> Bool {
    var same = other
    same.looks = looks
    return same == self
  }

  fileprivate var lines: [String] {
    let first = "\(count), the first after \(firstLook), then every \(every)"
    let measured = metrics.map { metric in
      "\(metric.name) from \(metric.provider) \(metric.rule)" + (metric.role.map { " (\($0))" } ?? "")
    }
    return [first] + measured + ["passes \(passes)", "fails \(fails)"]
  }
}
