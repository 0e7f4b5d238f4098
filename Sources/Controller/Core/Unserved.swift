import Engine
package import PipelineModel

/// Runs that go on only when backends which this installation does not have are put into it again. Nothing was decided
/// and nothing was done: gates that cannot ask would take a healthy version back, and its router could not be told.
package struct Unserved: Error, Hashable, CustomStringConvertible {
  package struct Lack: Hashable, Sendable {
    package var run: RunID
    package var pipeline: String
    /// Each in a few words.
    package var missing: [String]
  }

  /// At least one.
  package var lacks: [Lack]

  package var description: String {
    lacks.map { lack in
      "run \(lack.run) of \(lack.pipeline) is unfinished, and there is \(lack.missing.joined(separator: ", and "))"
    }.joined(separator: "\n")
  }
}

extension Conductor {
  /// Which of these runs name backends that this installation does not have.
  func unserved(_ runs: [LiveRun]) -> [Unserved.Lack] {
    // Thousands of runs have a few pipelines.
    var missing: [Int64: [String]] = [:]
    return runs.compactMap { live in
      let (plan, definition) = (live.run.plan, live.run.start.definition)
      let lacks = missing[definition] ?? compiler.lacks(plan.pipeline)
      missing[definition] = lacks
      return lacks.isEmpty ? nil : .init(run: live.id, pipeline: plan.pipeline.name, missing: lacks)
    }
  }

  /// Leaves alone, for as long as this controller drives, what cannot be served; refuses to drive when that is not
  /// wanted.
  ///
  /// - Returns: the runs that go on.
  func served(_ runs: [LiveRun], leavingAlone: (RunID) -> Bool) throws(Unserved) -> [LiveRun] {
    let lacks = unserved(runs)
    let refused = lacks.filter { !leavingAlone($0.run) }
    guard refused.isEmpty else { throw Unserved(lacks: refused) }
    for lack in lacks {
      guard let live = self.runs[lack.run] else { continue }
      setAside(live.record, because: "there is \(lack.missing.joined(separator: ", and "))")
    }
    return runs.filter { live in !lacks.contains { $0.run == live.id } }
  }
}
