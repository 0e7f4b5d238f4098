import Engine
import PipelineModel

/// A run that was set aside: its entries cannot be followed.
struct Stray {
  var reason: String
  /// The last that is known of it.
  var record: RunRecord
}

extension RunRecord {
  /// What the first fact of a run says of it.
  init(unfolded start: Start, _ first: RunFact) {
    self.init(
      id: first.run, pipeline: start.pipeline, target: start.target, version: start.version, stable: start.stable,
      startedBy: first.actor, startedAt: first.time, status: .running, stage: nil, weight: .none, endedAt: nil,
      first: first.sequence, last: first.sequence)
  }

  /// What is certain of a run that could be followed no further than to an entry before the one at `last`.
  init(unfolded live: LiveRun, upTo last: Int64) {
    let run = live.run
    self.init(
      id: live.id, pipeline: run.start.pipeline, target: run.start.target, version: run.start.version,
      stable: run.start.stable, startedBy: run.startedBy, startedAt: run.startedAt, status: .running, stage: nil,
      weight: .none, endedAt: nil, first: live.first, last: last)
  }
}

extension Conductor {
  /// Frees the target of a run that was set aside, and leaves its traffic as it is: nobody knows where it is.
  func free(
    _ stray: Stray, by act: Act, _ author: Authorship, _ now: Timestamp, _ draft: inout Draft
  ) throws(Refusal) {
    let id = stray.record.id
    guard act == .abort, author.hasReason else {
      throw Refusal(
        "run \(id) was set aside: \(stray.reason); `headgate abort \(id) --reason …` frees \(stray.record.target) "
          + "for other runs, and leaves its traffic as it is")
    }
    var record = stray.record
    record.last = draft.add(
      Entry(
        time: now, run: id, previous: record.last, actor: author.actor, origin: author.origin, reason: author.reason,
        fact: .acted(act), decisions: [.released, .ended(.aborted)]))
    record.status = .aborted
    record.endedAt = now
    draft.strays.append(record.progress)
    draft.targets.insert(record.target)
    fleet.released(id, on: record.target)
    draft.record(fleet.record(of: record.target))
    strays[id] = nil
    beginWaiting(now, &draft)
  }
}
